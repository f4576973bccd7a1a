{{- define "tollgate.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tollgate.instanceLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tollgate.selectorLabels" -}}
{{ include "tollgate.instanceLabels" . }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "tollgate.labels" -}}
{{ include "tollgate.instanceLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tollgate.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "tollgate.databaseSecret" -}}
{{- .Values.database.existingSecret | default (printf "%s-database" (include "tollgate.fullname" .)) -}}
{{- end -}}

{{- define "tollgate.tokensSecret" -}}
{{- .Values.tokens.existingSecret | default (printf "%s-tokens" (include "tollgate.fullname" .)) -}}
{{- end -}}

{{- define "tollgate.serviceAccount" -}}
{{- .Values.serviceAccount.existingName | default (include "tollgate.fullname" .) -}}
{{- end -}}

{{- define "tollgate.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tollgate.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What no schema can say. */}}
{{- define "tollgate.validate" -}}
{{- $drain := sub (sub .Values.terminationGracePeriodSeconds 10) .Values.preStopSeconds -}}
{{- if lt (int $drain) 1 -}}
{{- fail "terminationGracePeriodSeconds must be at least 11 s more than preStopSeconds: the server drains in between" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.tls.clientCaKey (not .Values.tls.existingSecret) -}}
{{- fail "tls.clientCaKey needs tls.existingSecret" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled .Values.deferral.enabled -}}
{{- fail "autoscaling takes replicas away while charges may still wait on their disks: set deferral.enabled=false with autoscaling.enabled=true" -}}
{{- end -}}
{{- end -}}
