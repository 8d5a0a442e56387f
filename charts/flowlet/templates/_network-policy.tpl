{{/* Takes a scope whose service is the one selected. */}}
{{- define "flowlet.networkPolicy" -}}
{{- $scope := . -}}
{{- $policy := .root.Values.networkPolicy -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "flowlet.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- $sources := include "flowlet.ingressPeers" . | trim }}
  {{- if $sources }}
  ingress:
    - from:
        {{- $sources | nindent 8 }}
      ports:
        - protocol: TCP
          port: {{ int .service.port }}
  {{- else }}
  ingress: []
  {{- end }}
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              {{- toYaml $policy.dns.namespaceLabels | nindent 14 }}
          podSelector:
            matchLabels:
              {{- toYaml $policy.dns.podLabels | nindent 14 }}
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
    {{- range $callee := .service.calls }}
    {{- $target := include "flowlet.merged" (dict "root" $scope.root "name" $callee) | fromYaml }}
    - to:
        - podSelector:
            matchLabels:
              {{- include "flowlet.selectorLabels" (dict "root" $scope.root "name" $callee) | nindent 14 }}
      ports:
        - protocol: TCP
          port: {{ int $target.port }}
    {{- end }}
    {{- range $use := .service.uses }}
    {{- $store := index $scope.root.Values.stores $use }}
    - to:
        {{- if $store.cidrs }}
        {{- range $store.cidrs }}
        - ipBlock:
            cidr: {{ . }}
        {{- end }}
        {{- else }}
        - namespaceSelector:
            matchLabels:
              flowlet.io/tier: {{ $store.tier }}
          podSelector:
            matchLabels:
              app.kubernetes.io/name: {{ $store.pods | default $store.name }}
        {{- end }}
      ports:
        - protocol: TCP
          port: {{ int $store.port }}
    {{- end }}
    {{- if .service.external }}
    - to:
        - ipBlock:
            cidr: {{ $policy.external.cidr }}
            except:
              {{- toYaml $policy.external.except | nindent 14 }}
      ports:
        {{- range $policy.external.ports }}
        - protocol: TCP
          port: {{ int . }}
        {{- end }}
    {{- end }}
{{- end -}}

{{/* Who may reach a service: the services that call it, the ingress controller, the monitoring. */}}
{{- define "flowlet.ingressPeers" -}}
{{- $scope := . -}}
{{- range (include "flowlet.callers" . | fromYaml).names }}
- podSelector:
    matchLabels:
      {{- include "flowlet.selectorLabels" (dict "root" $scope.root "name" .) | nindent 6 }}
{{- end }}
{{- if and .root.Values.ingress.enabled .service.ingress.enabled }}
- namespaceSelector:
    matchLabels:
      {{- toYaml .root.Values.networkPolicy.ingressController.namespaceLabels | nindent 6 }}
{{- end }}
{{- if .service.metrics.enabled }}
- namespaceSelector:
    matchLabels:
      flowlet.io/tier: monitoring
{{- end }}
{{- end -}}
