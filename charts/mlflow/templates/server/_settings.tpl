{{/*
Names that the server answers to, each with and without its port.
Usage: {{ include "mlflow.allowedHosts" $ }}
*/}}
{{- define "mlflow.allowedHosts" -}}
{{- $names := list "mlflow" (printf "mlflow.%s" .Release.Namespace) (printf "mlflow.%s.svc" .Release.Namespace) (printf "mlflow.%s.svc.cluster.local" .Release.Namespace) -}}
{{- $hosts := list -}}
{{- range $names }}{{ $hosts = concat $hosts (list . (printf "%s:5000" .)) }}{{ end -}}
{{- if eq .Values.global.exposure "nodePort" -}}
{{- range list "localhost" "127.0.0.1" .Values.global.domain | uniq }}{{ $hosts = append $hosts (printf "%s:%v" . $.Values.global.nodePorts.mlflow) }}{{ end -}}
{{- else if ne .Values.global.exposure "none" -}}
{{- $hosts = concat $hosts (list (include "mlflow.publicHost" .) (printf "%s:443" (include "mlflow.publicHost" .))) -}}
{{- end -}}
{{- range .Values.allowedHosts }}{{ $hosts = concat $hosts (list . (printf "%s:5000" .) (printf "%s:443" .)) }}{{ end -}}
{{- /* `kubectl port-forward` */ -}}
{{- join "," (concat $hosts (list "localhost:5000" "127.0.0.1:5000") | uniq) -}}
{{- end }}

{{/*
The name people reach the server by through an ingress or a route.
Usage: {{ include "mlflow.publicHost" $ }}
*/}}
{{- define "mlflow.publicHost" -}}
mlflow.{{ .Values.global.domain }}
{{- end }}
