{{- define "tollgate.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tollgate.instanceLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
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

{{- define "tollgate.generatedTokenSecret" -}}
{{- include "tollgate.fullname" . }}-generated-token
{{- end -}}

{{/* The hash of an earlier install's token, from the cluster. Empty = there is none. */}}
{{- define "tollgate.generatedTokenHash" -}}
{{- dig "data" .Values.tokens.key "" (lookup "v1" "Secret" .Release.Namespace (include "tollgate.tokensSecret" .)) -}}
{{- end -}}

{{/* The port of a URL, as text. */}}
{{- define "tollgate.portOf" -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" (urlParse .url).host) | default .default -}}
{{- end -}}

{{- define "tollgate.egressDns" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
{{- end -}}

{{- define "tollgate.egressDatabase" -}}
{{- $port := .Values.networkPolicy.databasePort -}}
{{- if not .Values.database.existingSecret -}}
{{- $port = include "tollgate.portOf" (dict "url" .Values.database.url "default" 5432) -}}
{{- end -}}
{{ include "tollgate.egressDns" . }}
- ports:
    - { port: {{ $port }}, protocol: TCP }
  {{- with .Values.networkPolicy.databaseTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "tollgate.testPods" -}}
- podSelector:
    matchLabels:
      {{- include "tollgate.instanceLabels" . | nindent 6 }}
      app.kubernetes.io/component: test
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

{{/* Rules that the schema can't express. */}}
{{- define "tollgate.validate" -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" .Release.Name) -}}
{{- fail "the release's name must start with a letter and have no dots, because the services are named after it" -}}
{{- end -}}
{{- $drain := sub (sub .Values.terminationGracePeriodSeconds 10) .Values.preStopSeconds -}}
{{- if lt (int $drain) 1 -}}
{{- fail "terminationGracePeriodSeconds must be at least 11 s more than preStopSeconds, because the server drains in between" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas must not be greater than autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.tls.clientCaKey (not .Values.tls.existingSecret) -}}
{{- fail "tls.clientCaKey needs tls.existingSecret" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled .Values.deferral.enabled -}}
{{- fail "autoscaling removes replicas while charges may still wait on their disks: set deferral.enabled=false with autoscaling.enabled=true" -}}
{{- end -}}
{{- end -}}
