{{/*
Every named template but the first takes a scope: {root, name, service}, where
`service` is the service's values already merged over `defaults`.
*/}}

{{/* The values of one service, as YAML: {root, name} → defaults with the service's own values on top. */}}
{{- define "flowlet.merged" -}}
{{- $own := index .root.Values.services .name | default dict -}}
{{- toYaml (mustMergeOverwrite (deepCopy .root.Values.defaults) (deepCopy $own)) -}}
{{- end -}}

{{/* What selects the pods of a service. Never changes for the life of a release: it is immutable in a Deployment. */}}
{{- define "flowlet.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Labels of the pods. The chart's version is left out, so that a chart change alone restarts nothing. */}}
{{- define "flowlet.podLabels" -}}
{{ include "flowlet.selectorLabels" . }}
app.kubernetes.io/component: {{ .service.component }}
app.kubernetes.io/part-of: flowlet
app.kubernetes.io/version: {{ include "flowlet.tag" . | trunc 63 | trimAll "-_." | quote }}
{{- end -}}

{{/* Labels of every other object of a service. */}}
{{- define "flowlet.labels" -}}
{{ include "flowlet.podLabels" . }}
{{ include "flowlet.releaseLabels" .root }}
{{- end -}}

{{/* Takes the root: labels of what belongs to the release as a whole. */}}
{{- define "flowlet.releaseLabels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
flowlet.io/environment: {{ .Values.environment }}
{{- end -}}

{{- define "flowlet.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "flowlet.labels" . | nindent 2 }}
{{- end -}}

{{- define "flowlet.tag" -}}
{{- .service.image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- end -}}

{{/* A digest, where given, wins over the tag: it says exactly which bytes run. */}}
{{- define "flowlet.image" -}}
{{- $registry := .service.image.registry | default .root.Values.image.registry -}}
{{- $repository := printf "%s/%s" $registry (.service.image.repository | default .name) -}}
{{- if .service.image.digest -}}
{{- printf "%s@%s" $repository .service.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (include "flowlet.tag" .) -}}
{{- end -}}
{{- end -}}

{{/* The address of a store: its own `host`, or the Service of the data and messaging tiers. Takes a store. */}}
{{- define "flowlet.storeHost" -}}
{{- .host | default (printf "%s.%s.svc.cluster.local" .name .namespace) -}}
{{- end -}}

{{/* Non-secret settings of a service: common ones, the addresses of what it uses, its own. Later ones win. */}}
{{- define "flowlet.config" -}}
{{- $scope := . -}}
{{- $config := dict "FLOWLET_ENVIRONMENT" .root.Values.environment -}}
{{- range $callee := .service.calls -}}
{{- $_ := set $config (printf "%s_URL" ($callee | upper | replace "-" "_")) (printf "http://%s" $callee) -}}
{{- end -}}
{{- range $use := .service.uses -}}
{{- $store := index $scope.root.Values.stores $use -}}
{{- $_ := set $config (printf "%s_HOST" $store.prefix) (include "flowlet.storeHost" $store) -}}
{{- $_ := set $config (printf "%s_PORT" $store.prefix) (int $store.port | toString) -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite $config (deepCopy .root.Values.config) (deepCopy .service.config)) -}}
{{- end -}}

{{/* Secret settings, as a map: variable → {secret, key, optional}. */}}
{{- define "flowlet.secretEnv" -}}
{{- $scope := . -}}
{{- $env := dict -}}
{{- range $use := .service.uses -}}
{{- $credentials := (index $scope.root.Values.stores $use).credentials -}}
{{- range $variable, $key := $credentials.keys -}}
{{- $_ := set $env $variable (dict "secret" $credentials.secret "key" $key) -}}
{{- end -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite $env (deepCopy .service.secretEnv)) -}}
{{- end -}}

{{/* Which enabled services call this one, as YAML. Written down once, at the caller; the callee's side is derived. */}}
{{- define "flowlet.callers" -}}
{{- $scope := . -}}
{{- $callers := list -}}
{{- range $name, $_ := .root.Values.services -}}
{{- $service := include "flowlet.merged" (dict "root" $scope.root "name" $name) | fromYaml -}}
{{- if and $service.enabled (has $scope.name $service.calls) -}}
{{- $callers = append $callers $name -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "names" $callers) -}}
{{- end -}}

{{/* A service that calls something that is not deployed would fail at run time: fail now, by name. */}}
{{- define "flowlet.check" -}}
{{- $scope := . -}}
{{- range $callee := .service.calls -}}
{{- if not (hasKey $scope.root.Values.services $callee) -}}
{{- fail (printf "services.%s.calls: there is no service %q" $scope.name $callee) -}}
{{- end -}}
{{- end -}}
{{- range $use := .service.uses -}}
{{- if not (hasKey $scope.root.Values.stores $use) -}}
{{- fail (printf "services.%s.uses: there is no store %q" $scope.name $use) -}}
{{- end -}}
{{- end -}}
{{- if and .service.autoscaling.enabled (gt (int .service.autoscaling.minReplicas) (int .service.autoscaling.maxReplicas)) -}}
{{- fail (printf "services.%s.autoscaling: minReplicas is above maxReplicas" .name) -}}
{{- end -}}
{{- if ge (int .service.preStopSeconds) (int .service.terminationGracePeriodSeconds) -}}
{{- fail (printf "services.%s: preStopSeconds leaves nothing of terminationGracePeriodSeconds" .name) -}}
{{- end -}}
{{- end -}}
