{{/*
The pod of a task: what the scheduler starts in the jobs' namespace. It knows where the execution API is and where logs go;
it has no address of the database and no key that signs or decrypts.
Usage: {{ include "airflow.podTemplate" $ }}
*/}}
{{- define "airflow.podTemplate" -}}
apiVersion: v1
kind: Pod
metadata:
  name: airflow-task
  labels: {{- include "dataops.labels" (dict "root" $ "component" "task") | nindent 4 }}
spec:
  {{- include "dataops.pod" (dict "root" $ "serviceAccount" "airflow-task" "token" true) | nindent 2 }}
  restartPolicy: Never
  containers:
    - name: base
      image: {{ include "dataops.image" (dict "root" $ "name" "airflow") }}
      imagePullPolicy: IfNotPresent
      {{- include "dataops.envFrom" (dict "secrets" (list "s3-airflow")) | nindent 6 }}
      env:
        {{- include "airflow.env" $ | nindent 8 }}
        {{- include "airflow.dagsEnv" $ | nindent 8 }}
      resources: {{- toYaml .Values.task.resources | nindent 8 }}
      {{- include "dataops.containerSecurity" (dict) | nindent 6 }}
      volumeMounts:
        {{- include "dataops.mounts" (dict) | nindent 8 }}
        {{- include "airflow.dagsMount" $ | nindent 8 }}
  volumes:
    {{- include "dataops.volumes" (dict) | nindent 4 }}
    {{- include "airflow.dagsVolume" $ | nindent 4 }}
{{- end }}
