{{/*
DAGs from a volume or from Git, for the pods that read DAG files: the DAG processor and the tasks.
Usage: {{- include "airflow.dagsMount" $ | nindent 12 }}, and dagsVolume, and dagsEnv in the same way
*/}}
{{- define "airflow.dagsMount" -}}
{{- if eq .Values.dags.from "volume" }}
- {name: dags, mountPath: /etc/dataops/dags, readOnly: true}
{{- end }}
{{- end }}

{{- define "airflow.dagsVolume" -}}
{{- if eq .Values.dags.from "volume" }}
- {name: dags, persistentVolumeClaim: {claimName: {{ .Values.dags.claim }}, readOnly: true}}
{{- end }}
{{- end }}

{{- define "airflow.dagsEnv" -}}
{{- if eq .Values.dags.from "git" }}
- {name: AIRFLOW_CONN_DAGS_GIT, valueFrom: {secretKeyRef: {name: airflow-git, key: connection, optional: true}}}
{{- end }}
{{- end }}
