{{/*
Address that people reach Airflow by.
Usage: {{ include "airflow.baseUrl" $ }}
*/}}
{{- define "airflow.baseUrl" -}}
{{ include "airflow.page" (dict "global" .Values.global "host" "airflow") | default "http://localhost:8080" }}
{{- end }}

{{/*
Address of a server's page as people open it; nothing with exposure: none.
Usage: {{ include "airflow.page" (dict "global" .Values.global "host" "mlflow") }}
*/}}
{{- define "airflow.page" -}}
{{- if eq .global.exposure "nodePort" -}}
http://{{ .global.domain }}:{{ get .global.nodePorts .host }}
{{- else if ne .global.exposure "none" -}}
https://{{ .host }}.{{ .global.domain }}
{{- end -}}
{{- end }}

{{/*
Address that pods reach the API server by.
Usage: {{ include "airflow.apiServer" $ }}
*/}}
{{- define "airflow.apiServer" -}}
{{ include "dataops.scheme" (dict "global" .Values.global "service" "airflow") }}://airflow-api-server.{{ .Release.Namespace }}.svc.cluster.local:8080
{{- end }}

{{/*
Environment of every component and of every task: the configuration, and the way to the logs. No secret is in it.
Usage: {{- include "airflow.env" $ | nindent 12 }}
*/}}
{{- define "airflow.env" -}}
{{ include "dataops.podEnv" (dict) }}
- {name: AIRFLOW_HOME, value: /home/dataops/airflow}
{{- range $section, $options := mergeOverwrite (fromYaml (tpl (.Files.Get "files/config.yaml") .)) .Values.config }}
{{- range $key, $value := $options }}
- {name: AIRFLOW__{{ upper $section }}__{{ upper $key }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
# Where a task's links lead.
{{- range $name, $host := dict "SPARK_HISTORY_URL" "history" "MLFLOW_URL" "mlflow" }}
{{- with include "airflow.page" (dict "global" $.Values.global "host" $host) }}
- {name: {{ $name }}, value: {{ . }}}
{{- end }}
{{- end }}
{{- $s3 := .Values.global.s3 }}
{{- $botocore := dict "signature_version" $s3.signatureVersion "s3" (dict "addressing_style" $s3.addressingStyle) }}
# The keys are in the environment, where the client finds them by itself.
- {name: AIRFLOW_CONN_LOGS_S3, value: {{ dict "conn_type" "aws" "extra" (dict "endpoint_url" $s3.endpointUrl "region_name" $s3.region "verify" "/etc/dataops/ca/ca-bundle.crt" "config_kwargs" $botocore) | toJson | squote }}}
{{- end }}

{{/*
Environment from Secrets; `keys` names what of airflow-keys the component needs.
Usage: {{- include "airflow.secretEnv" (dict "keys" (list "fernet-key" "jwt-secret")) | nindent 12 }}
*/}}
{{- define "airflow.secretEnv" -}}
- {name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN, valueFrom: {secretKeyRef: {name: airflow-database, key: connection}}}
{{- $names := dict "fernet-key" "AIRFLOW__CORE__FERNET_KEY" "api-secret-key" "AIRFLOW__API__SECRET_KEY" "jwt-secret" "AIRFLOW__API_AUTH__JWT_SECRET" }}
{{- range .keys }}
- {name: {{ get $names . }}, valueFrom: {secretKeyRef: {name: airflow-keys, key: {{ . }}}}}
{{- end }}
{{- end }}

{{/*
Init container that waits for this release's migration.
Usage: {{- include "airflow.waitForMigration" $ | nindent 8 }}
*/}}
{{- define "airflow.waitForMigration" -}}
- name: wait-for-migration
  image: {{ include "dataops.image" (dict "root" $ "name" "airflow") }}
  imagePullPolicy: IfNotPresent
  args: [python, /etc/dataops/airflow/wait_for_migration.py]
  {{- include "dataops.envFrom" (dict) | nindent 2 }}
  env:
    {{- include "airflow.secretEnv" (dict "keys" (list)) | nindent 4 }}
    - {name: MIGRATION, value: {{ include "airflow.migration" $ }}}
  resources:
    requests: {cpu: 10m, memory: 32Mi}
    limits: {cpu: 500m, memory: 128Mi}
  {{- include "dataops.containerSecurity" (dict) | nindent 2 }}
  volumeMounts:
    {{- include "airflow.mounts" $ | nindent 4 }}
{{- end }}

{{/*
Volumes of the servers and their mounts.
Usage: {{- include "airflow.volumes" $ | nindent 8 }}
*/}}
{{- define "airflow.volumes" -}}
{{ include "dataops.volumes" (dict) }}
- name: files
  configMap: {name: airflow}
{{- end }}

{{- define "airflow.mounts" -}}
{{ include "dataops.mounts" (dict) }}
- {name: files, mountPath: /etc/dataops/airflow, readOnly: true}
{{- end }}

{{/*
What the pods' annotation hashes: the content of the ConfigMap.
Usage: {{- include "dataops.podAnnotations" (dict "root" $ "config" (include "airflow.files" $)) | nindent 6 }}
*/}}
{{- define "airflow.files" -}}
{{ (.Files.Glob "files/*.py").AsConfig }}
pod_template.yaml: |
  {{- include "airflow.podTemplate" $ | nindent 2 }}
{{- end }}
