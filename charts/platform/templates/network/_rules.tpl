{{/*
Whether pods of a kind can be in this place; those of local-services are on ENV=local only.
Usage: {{- if include "platform.exists" (dict "kind" $kind "global" $global) }}
*/}}
{{- define "platform.exists" -}}
{{- if and .kind.in (or (ne .kind.name "local-services") (eq .global.environment "local")) }}yes{{ end }}
{{- end }}

{{/* Selector of a kind's pods, as JSON. */}}
{{- define "platform.podSelector" -}}
{{- $labels := dict "app.kubernetes.io/component" .component -}}
{{- with .name }}{{ $_ := set $labels "app.kubernetes.io/name" . }}{{ end -}}
{{ dict "matchLabels" $labels | toJson }}
{{- end }}

{{/*
Peers of a rule, as JSON; an empty list means nobody here, while Kubernetes would read it as everybody. `me` is the role and the
namespace of the pods that the rule is for: those of people meet those of their own namespace only.
Usage: {{ include "platform.peers" (dict "kinds" $flow.from "pods" $table.pods "global" $global "me" $me) | fromJsonArray }}
*/}}
{{- define "platform.peers" -}}
{{- $peers := list -}}
{{- range $name := .kinds }}
{{- $kind := get $.pods $name }}
{{- with get ($.global.egress | default dict) ($kind.egress | default "none") }}
{{- $peers = concat $peers . }}
{{- else }}
{{- if include "platform.exists" (dict "kind" $kind "global" $.global) }}
{{- $all := include "platform.namespaces" (dict "role" $kind.in "global" $.global) | fromJsonArray }}
{{- range ternary (list $.me.namespace) $all (and (eq $kind.in "users") (eq $.me.role "users")) }}
{{- $namespace := dict "matchLabels" (dict "kubernetes.io/metadata.name" .) }}
{{- $peers = append $peers (dict "namespaceSelector" $namespace "podSelector" (include "platform.podSelector" $kind | fromJson)) }}
{{- end }}
{{- else if and (eq $name "router") (has $.global.exposure (list "ingress" "route")) }}
{{- $labels := required "global.router is missing: name the labels of the namespace that the router's pods live in" $.global.router }}
{{- $peers = append $peers (dict "namespaceSelector" (dict "matchLabels" $labels)) }}
{{- end }}
{{- end }}
{{- end }}
{{- $peers | uniq | toJson }}
{{- end }}

{{/*
Ports of a rule, as JSON.
Usage: {{ include "platform.ports" (dict "ports" $flow.ports "global" $global) | fromJsonArray }}
*/}}
{{- define "platform.ports" -}}
{{- $rules := list -}}
{{- range $word := .ports }}
{{- $word = toString $word }}
{{- if eq $word "database.port" }}
{{- $word = toString $.global.database.port }}
{{- else if eq $word "s3.endpointUrl" }}
{{- $url := urlParse $.global.s3.endpointUrl }}
{{- $word = regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) }}
{{- end }}
{{- $ends := splitList "-" $word }}
{{- $rule := dict "protocol" "TCP" "port" (first $ends | int) }}
{{- range rest $ends }}{{ $_ := set $rule "endPort" (int .) }}{{ end }}
{{- $rules = append $rules $rule }}
{{- end }}
{{- $rules | default (list (dict "protocol" "TCP")) | toJson }}
{{- end }}
