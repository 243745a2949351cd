{{/*
Name of the Job that the servers wait for, and the pod that it runs.
Usage: {{ include "airflow.migration" $ }}
*/}}
{{- define "airflow.migration" -}}
{{ include "dataops.jobName" (dict "name" "airflow-migrate" "spec" (include "airflow.migratePod" $)) }}
{{- end }}

{{- define "airflow.migratePod" -}}
metadata:
  labels: {{- include "dataops.labels" (dict "root" $ "component" "migrate") | nindent 4 }}
  {{- include "dataops.podAnnotations" (dict "root" $ "config" (.Files.Get "files/migrate.py")) | nindent 2 }}
spec:
  {{- include "dataops.pod" (dict "root" $) | nindent 2 }}
  restartPolicy: OnFailure
  containers:
    - name: migrate
      image: {{ include "dataops.image" (dict "root" $ "name" "airflow") }}
      imagePullPolicy: IfNotPresent
      args: [python, /etc/dataops/airflow/migrate.py]
      {{- include "dataops.envFrom" (dict) | nindent 6 }}
      env:
        {{- include "airflow.env" $ | nindent 8 }}
        {{- include "airflow.secretEnv" (dict "keys" (list "fernet-key" "api-secret-key")) | nindent 8 }}
        - {name: MIGRATION, valueFrom: {fieldRef: {fieldPath: "metadata.labels['job-name']"}}}
        - {name: ADMIN_USERNAME, valueFrom: {secretKeyRef: {name: airflow-admin, key: username}}}
        - {name: ADMIN_PASSWORD, valueFrom: {secretKeyRef: {name: airflow-admin, key: password}}}
      resources:
        requests: {cpu: 50m, memory: 256Mi}
        limits: {cpu: "2", memory: 768Mi}
      {{- include "dataops.containerSecurity" (dict) | nindent 6 }}
      volumeMounts:
        {{- include "airflow.mounts" $ | nindent 8 }}
  volumes:
    {{- include "airflow.volumes" $ | nindent 4 }}
{{- end }}
