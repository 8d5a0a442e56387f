{{- define "flowlet.horizontalPodAutoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ .name }}
  minReplicas: {{ int .service.autoscaling.minReplicas }}
  maxReplicas: {{ int .service.autoscaling.maxReplicas }}
  metrics:
    {{- range $resource := list "cpu" "memory" }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ int (index $.service.autoscaling $resource) }}
    {{- end }}
  behavior:
    scaleDown:
      # Growing is cheap; shrinking at every lull of a payment day is not.
      stabilizationWindowSeconds: 300
{{- end -}}

{{- define "flowlet.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "flowlet.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ int .service.disruptionBudget.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "flowlet.selectorLabels" . | nindent 6 }}
{{- end -}}
