{{- define "flowlet.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
spec:
  {{- if not .service.autoscaling.enabled }}
  replicas: {{ int .service.replicas }}
  {{- end }}
  revisionHistoryLimit: {{ int .service.revisionHistoryLimit }}
  progressDeadlineSeconds: {{ int .service.progressDeadlineSeconds }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      {{- include "flowlet.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "flowlet.podLabels" . | nindent 8 }}
      annotations:
        # A changed ConfigMap does not restart a pod by itself.
        flowlet.io/config-checksum: {{ include "flowlet.config" . | sha256sum }}
        {{- with .service.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "flowlet.podSpec" . | nindent 6 }}
{{- end -}}

{{- define "flowlet.podSpec" -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: false
# Otherwise every Service of the namespace puts variables such as WALLET_PORT=tcp://… into the pod.
enableServiceLinks: false
terminationGracePeriodSeconds: {{ int .service.terminationGracePeriodSeconds }}
{{- with .service.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int .service.runAsUser }}
  runAsGroup: {{ int .service.runAsUser }}
  fsGroup: {{ int .service.runAsUser }}
  seccompProfile:
    type: RuntimeDefault
topologySpreadConstraints:
  {{- $scope := . }}
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "flowlet.selectorLabels" $scope | nindent 8 }}
  {{- end }}
{{- with .service.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .service.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .service.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: {{ .name }}
    {{- include "flowlet.container" . | nindent 4 }}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: {{ .service.tmpSize }}
{{- end -}}

{{- define "flowlet.container" -}}
image: {{ include "flowlet.image" . | quote }}
imagePullPolicy: {{ .service.image.pullPolicy | default .root.Values.image.pullPolicy }}
ports:
  - name: http
    containerPort: {{ int .service.port }}
    protocol: TCP
env:
  - name: PORT
    value: {{ int .service.port | quote }}
  - name: SERVICE_NAME
    value: {{ .name }}
  {{- $root := .root }}
  {{- range $variable, $from := include "flowlet.secretEnv" . | fromYaml }}
  - name: {{ $variable }}
    valueFrom:
      secretKeyRef:
        name: {{ $from.secret }}
        key: {{ $from.key }}
        optional: {{ or $root.Values.secrets.optional (default false $from.optional) }}
  {{- end }}
  {{- range $variable, $value := .service.extraEnv }}
  - name: {{ $variable }}
    value: {{ $value | quote }}
  {{- end }}
envFrom:
  - configMapRef:
      name: {{ .name }}
{{- range $kind := list "startup" "readiness" "liveness" }}
{{- $probe := index $.service.probes $kind }}
{{ $kind }}Probe:
  httpGet:
    path: {{ $.service.probes.path }}
    port: http
  periodSeconds: {{ int $probe.periodSeconds }}
  timeoutSeconds: {{ int $probe.timeoutSeconds }}
  failureThreshold: {{ int $probe.failureThreshold }}
{{- end }}
{{- if .service.preStopSeconds }}
lifecycle:
  preStop:
    # The pod still gets requests until every node has heard that it is leaving.
    exec:
      command: [sleep, {{ int .service.preStopSeconds | quote }}]
{{- end }}
resources:
  {{- toYaml .service.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
{{- end -}}
