{{/*
What the hub's configuration reads beside it, as YAML.
Usage: {{ include "jupyterhub.settings" $ }}
*/}}
{{- define "jupyterhub.settings" -}}
{{- $own := include "dataops.ownNamespaces" .Values.global | fromJson -}}
{{- $address := printf "https://jupyterhub.%s" .Values.global.domain -}}
{{- if eq .Values.global.exposure "nodePort" }}{{ $address = printf "http://%s:%v" .Values.global.domain .Values.global.nodePorts.jupyterhub }}{{ end -}}
{{- $settings := dict
  "hubUrl" (printf "http://hub.%s.svc.cluster.local:8081" .Release.Namespace)
  "proxyApiUrl" (printf "http://proxy-api.%s.svc.cluster.local:8001" .Release.Namespace)
  "usersNamespace" .Values.global.namespaces.users
  "ownNamespaces" $own
  "login" (merge (dict "callback" (printf "%s/hub/oauth_callback" $address)) .Values.global.login)
  "mailDomain" (.Values.global.login.mailDomain | default .Values.global.domain)
  "image" (include "dataops.image" (dict "root" $ "name" "notebook") | trimAll "\"")
  "imagePullSecrets" .Values.global.imagePullSecrets
  "gpu" (.Values.global.gpu | default "")
  "idleSeconds" .Values.user.idleSeconds
  "user" .Values.user -}}
{{ toYaml $settings }}
{{- end }}
