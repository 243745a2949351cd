{{/* Pod selector of one word of files/flows.yaml, as JSON. */}}
{{- define "platform.podSelector" -}}
{{- if eq . "any" -}}
{}
{{- else if eq . "executors" -}}
{{ dict "matchLabels" (dict "spark-role" "executor") | toJson }}
{{- else if eq . "drivers" -}}
{{ dict "matchExpressions" (list (dict "key" "spark-role" "operator" "NotIn" "values" (list "executor"))) | toJson }}
{{- else -}}
{{- $part := splitList "/" . -}}
{{- $labels := dict "app.kubernetes.io/component" (last $part) -}}
{{- if ne (first $part) "any" }}{{ $_ := set $labels "app.kubernetes.io/name" (first $part) }}{{ end -}}
{{ dict "matchLabels" $labels | toJson }}
{{- end -}}
{{- end }}

{{/* A port or a range of ports of files/flows.yaml, as JSON. */}}
{{- define "platform.port" -}}
{{- $port := dict "protocol" "TCP" "port" (int .from) -}}
{{- if .to }}{{ $_ := set $port "endPort" (int .to) }}{{ end -}}
{{ toJson $port }}
{{- end }}
