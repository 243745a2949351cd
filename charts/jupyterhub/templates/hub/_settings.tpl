{{/*
What the hub's configuration reads beside it, as YAML.
Usage: {{ include "jupyterhub.settings" $ }}
*/}}
{{- define "jupyterhub.settings" -}}
{{- $own := include "dataops.ownNamespaces" .Values.global | fromJson -}}
{{- $settings := dict
  "hubUrl" (printf "http://hub.%s.svc.cluster.local:8081" .Release.Namespace)
  "proxyApiUrl" (printf "http://proxy-api.%s.svc.cluster.local:8001" .Release.Namespace)
  "usersNamespace" .Values.global.namespaces.users
  "ownNamespaces" $own
  "image" (include "dataops.image" (dict "root" $ "name" "notebook") | trimAll "\"")
  "imagePullSecrets" .Values.global.imagePullSecrets
  "gpu" (.Values.global.gpu | default "")
  "idleSeconds" .Values.user.idleSeconds
  "user" .Values.user -}}
{{ toYaml $settings }}
{{- end }}
