{{- define "flowlet.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{- define "flowlet.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
data:
  {{- include "flowlet.config" . | nindent 2 }}
{{- end -}}

{{- define "flowlet.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
  {{- if .service.metrics.enabled }}
  annotations:
    # Read by the scrape configuration in manifests/50-monitoring.
    prometheus.io/scrape: "true"
    prometheus.io/path: {{ .service.metrics.path }}
  {{- end }}
spec:
  type: ClusterIP
  selector:
    {{- include "flowlet.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: 80
      targetPort: http
      protocol: TCP
{{- end -}}

{{- define "flowlet.ingress" -}}
{{- $ingress := .root.Values.ingress -}}
{{- $host := printf "%s.%s" .service.ingress.subdomain $ingress.domain -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
  {{- $annotations := deepCopy $ingress.annotations }}
  {{- if and $ingress.tls.enabled $ingress.tls.clusterIssuer }}
  {{- $_ := set $annotations "cert-manager.io/cluster-issuer" $ingress.tls.clusterIssuer }}
  {{- end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if $ingress.tls.enabled }}
  tls:
    - hosts: [{{ $host }}]
      secretName: {{ .name }}-tls
  {{- end }}
  rules:
    - host: {{ $host }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ .name }}
                port:
                  name: http
{{- end -}}
