{{/*
Namespaces of a role, as JSON: people with one of their own have it beside the shared one.
Usage: {{ include "platform.namespaces" (dict "role" "users" "global" $global) | fromJsonArray }}
*/}}
{{- define "platform.namespaces" -}}
{{- $found := list (get .global.namespaces .role) -}}
{{- if eq .role "users" }}{{ $found = concat $found (include "dataops.ownNamespaces" .global | fromJson | values | sortAlpha) }}{{ end -}}
{{- $found | toJson }}
{{- end }}

{{/*
Every namespace once, as JSON.
Usage: {{ include "platform.everyNamespace" $global | fromJsonArray }}
*/}}
{{- define "platform.everyNamespace" -}}
{{- concat (values .namespaces) (include "dataops.ownNamespaces" . | fromJson | values) | uniq | sortAlpha | toJson }}
{{- end }}
