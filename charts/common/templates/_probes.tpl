{{/*
Probes of an HTTP server: asked each second until it is up, then rarely; `startupSeconds` is its patience (300).
Usage: {{- include "dataops.httpProbes" (dict "path" "/health" "port" "http") | nindent 10 }}
*/}}
{{- define "dataops.httpProbes" -}}
{{- $get := dict "path" (required "dataops.httpProbes needs path" .path) "port" (required "dataops.httpProbes needs port" .port) "scheme" (.scheme | default "HTTP" | upper) -}}
startupProbe: {{ dict "httpGet" $get "periodSeconds" 1 "timeoutSeconds" 3 "failureThreshold" (.startupSeconds | default 300) | toJson }}
readinessProbe: {{ dict "httpGet" $get "periodSeconds" 10 "timeoutSeconds" 5 | toJson }}
livenessProbe: {{ dict "httpGet" $get "periodSeconds" 30 "timeoutSeconds" 10 | toJson }}
{{- end }}

{{/*
Probes that run a command; `period` slows down the ones after the start (30).
Usage: {{- include "dataops.execProbes" (dict "command" (list "pg_isready" "-h" "127.0.0.1")) | nindent 10 }}
*/}}
{{- define "dataops.execProbes" -}}
{{- $exec := dict "command" (required "dataops.execProbes needs command" .command) -}}
startupProbe: {{ dict "exec" $exec "periodSeconds" 2 "timeoutSeconds" 10 "failureThreshold" 150 | toJson }}
readinessProbe: {{ dict "exec" $exec "periodSeconds" (.period | default 30) "timeoutSeconds" 10 | toJson }}
livenessProbe: {{ dict "exec" $exec "periodSeconds" (.period | default 30) "timeoutSeconds" 10 | toJson }}
{{- end }}
