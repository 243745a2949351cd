{{/*
Labels of every object.
Usage: {{- include "dataops.labels" (dict "root" $ "component" "server") | nindent 4 }}
*/}}
{{- define "dataops.labels" -}}
{{ include "dataops.selectorLabels" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: dataops
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/*
Labels a Service, a workload or a NetworkPolicy selects pods by; they never change in the life of a release.
Usage: {{- include "dataops.selectorLabels" (dict "root" $ "component" "server") | nindent 6 }}
*/}}
{{- define "dataops.selectorLabels" -}}
{{- $root := required "dataops.labels needs root" .root -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/component: {{ required "dataops.labels needs component" .component }}
{{- end }}

{{/* Namespaces of people who have one of their own, by name as JSON. Usage: include "dataops.ownNamespaces" $global | fromJson */}}
{{- define "dataops.ownNamespaces" -}}
{{ $own := dict }}{{ range .users }}{{ $_ := set $own . (printf "%s-%s" $.namespaces.users .) }}{{ end }}{{ $own | toJson }}{{ end }}

{{/*
Reference of an image of ours; a tag that is a digest is joined by "@".
Usage: image: {{ include "dataops.image" (dict "root" $ "name" "spark") }}
*/}}
{{- define "dataops.image" -}}
{{- $name := required "dataops.image needs name" .name -}}
{{- $global := (required "dataops.image needs root" .root).Values.global -}}
{{- $tag := required (printf "global.tags.%s is missing: `dataops deploy` fills it in, or pass --set global.tags.%s=<tag>" $name $name) (get $global.tags $name) -}}
{{- printf "%s/%s%s%s" $global.registry $name (ternary "@" ":" (hasPrefix "sha256:" $tag)) $tag | quote -}}
{{- end }}

{{/*
Name of a Job, ending in a hash of its spec: specs of Jobs are immutable, so a changed one is a new Job.
Usage: name: {{ include "dataops.jobName" (dict "name" "lake-catalog" "spec" (include "platform.lakeCatalog" $)) }}
*/}}
{{- define "dataops.jobName" -}}
{{- required "dataops.jobName needs name" .name }}-{{ required "dataops.jobName needs spec" .spec | sha256sum | trunc 8 }}
{{- end }}
