{{/*
What every pod spec starts with. Without a serviceAccount the pod is the namespace's `default` and carries no token.
Usage: {{- include "dataops.pod" (dict "root" $ "serviceAccount" "hub" "token" true) | nindent 6 }}
*/}}
{{- define "dataops.pod" -}}
{{- $root := required "dataops.pod needs root" .root -}}
serviceAccountName: {{ .serviceAccount | default "default" }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
{{- with $root.Values.global.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
# The platform chooses the user: no runAsUser, no fsGroup.
securityContext:
  runAsNonRoot: true
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/*
Annotations that replace the pods when the chart's Secrets, the CA (global.checksum, from `dataops deploy`) or `config` change.
Usage: {{- include "dataops.podAnnotations" (dict "root" $ "config" (.Files.Get "files/hub.py")) | nindent 6 }}
*/}}
{{- define "dataops.podAnnotations" -}}
annotations:
  dataops/secrets: {{ (required "dataops.podAnnotations needs root" .root).Values.global.checksum | quote }}
  dataops/config: {{ .config | default "" | sha256sum | trunc 16 | quote }}
{{- end }}

{{/*
A container's security context.
Usage: {{- include "dataops.containerSecurity" (dict) | nindent 10 }}
*/}}
{{- define "dataops.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/*
The facts of the place, and the Secrets of the pod's account.
Usage: {{- include "dataops.envFrom" (dict "secrets" (list "s3-mlflow")) | nindent 10 }}
*/}}
{{- define "dataops.envFrom" -}}
envFrom:
  - configMapRef: {name: dataops-env}
{{- range .secrets }}
  - secretRef: {name: {{ . }}}
{{- end }}
{{- end }}

{{/*
Environment entries that tell a program where it runs.
Usage: {{- include "dataops.podEnv" (dict) | nindent 12 }}
*/}}
{{- define "dataops.podEnv" -}}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
{{- end }}

{{/*
Volumes for the CA bundle and for what our images write at run time; `catalog` names a Secret with a pgpass, `tls` is the
service whose certificate is mounted where `scheme` is https.
Usage: {{- include "dataops.volumes" (dict "catalog" "catalog-owner") | nindent 8 }}
*/}}
{{- define "dataops.volumes" -}}
- {name: ca, configMap: {name: dataops-ca}}
- {name: tmp, emptyDir: {}}
- {name: home, emptyDir: {}}
- {name: run, emptyDir: {medium: Memory, sizeLimit: 16Mi}}
{{- with .catalog }}
- {name: catalog, secret: {secretName: {{ . }}}}
{{- end }}
{{- if eq (.scheme | default "http") "https" }}
- {name: tls, secret: {secretName: {{ .tls }}-tls}}
{{- end }}
{{- end }}

{{/*
The mounts of those volumes, with the same arguments.
Usage: {{- include "dataops.mounts" (dict "catalog" "catalog-owner") | nindent 12 }}
*/}}
{{- define "dataops.mounts" -}}
- {name: ca, mountPath: /etc/dataops/ca, readOnly: true}
- {name: tmp, mountPath: /tmp}
- {name: home, mountPath: /home/dataops}
- {name: run, mountPath: /run/dataops}
{{- if .catalog }}
- {name: catalog, mountPath: /etc/dataops/catalog, readOnly: true}
{{- end }}
{{- if eq (.scheme | default "http") "https" }}
- {name: tls, mountPath: /etc/dataops/tls, readOnly: true}
{{- end }}
{{- end }}
