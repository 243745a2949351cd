{{/*
Type and ports of a Service that people reach from outside: `nodePort` is its key in global.nodePorts.
Usage: spec:
         {{- include "dataops.exposedPort" (dict "root" $ "nodePort" "mlflow" "port" 5000) | nindent 2 }}
*/}}
{{- define "dataops.exposedPort" -}}
{{- $global := (required "dataops.exposedPort needs root" .root).Values.global -}}
{{- $key := required "dataops.exposedPort needs nodePort" .nodePort -}}
{{- $open := eq $global.exposure "nodePort" -}}
type: {{ ternary "NodePort" "ClusterIP" $open }}
ports:
  - name: {{ .portName | default "http" }}
    port: {{ required "dataops.exposedPort needs port" .port }}
    targetPort: {{ .targetPort | default (.portName | default "http") }}
    {{- if $open }}
    nodePort: {{ required (printf "global.nodePorts.%s is missing: add it to the environment file" $key) (get $global.nodePorts $key) }}
    {{- end }}
{{- end }}

{{/*
Ingress of a Service under <host>.<global.domain>, only with exposure: ingress; the controller's own certificate serves it.
Usage (the whole template): {{ include "dataops.ingress" (dict "root" $ "component" "server" "host" "mlflow" "service" "mlflow") }}
*/}}
{{- define "dataops.ingress" -}}
{{- $global := (required "dataops.ingress needs root" .root).Values.global -}}
{{- if eq $global.exposure "ingress" -}}
{{- $host := printf "%s.%s" (required "dataops.ingress needs host" .host) $global.domain -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ .host }}
  labels: {{- include "dataops.labels" . | nindent 4 }}
spec:
  tls:
    - hosts: [{{ $host }}]
  rules:
    - host: {{ $host }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: {{ required "dataops.ingress needs service" .service }}, port: {name: {{ .portName | default "http" }}}}}
{{- end }}
{{- end }}

{{/*
What a service speaks: https where TLS reaches its pod (exposure: route, routes.<service>: reencrypt), else http.
Usage: {{ include "dataops.scheme" (dict "global" $.Values.global "service" "mlflow") }}
*/}}
{{- define "dataops.scheme" -}}
{{- $way := get (.global.routes | default dict) (required "dataops.scheme needs service" .service) -}}
{{- ternary "https" "http" (and (eq .global.exposure "route") (eq $way "reencrypt")) -}}
{{- end }}

{{/*
Asks OpenShift for the Secret <service>-tls, where the service speaks https; the same arguments.
Usage: metadata:
         {{- include "dataops.servingCertificate" (dict "global" $.Values.global "service" "mlflow") | nindent 2 }}
*/}}
{{- define "dataops.servingCertificate" -}}
{{- if eq (include "dataops.scheme" .) "https" -}}
annotations: {service.beta.openshift.io/serving-cert-secret-name: {{ .service }}-tls}
{{- end }}
{{- end }}

{{/*
OpenShift Route of a Service under <host>.<global.domain>, only with exposure: route; global.routes.<host> says where TLS ends.
Usage (the whole template): {{ include "dataops.route" (dict "root" $ "component" "server" "host" "mlflow" "service" "mlflow") }}
*/}}
{{- define "dataops.route" -}}
{{- $global := (required "dataops.route needs root" .root).Values.global -}}
{{- if eq $global.exposure "route" -}}
apiVersion: route.openshift.io/v1
kind: Route
metadata:
  name: {{ required "dataops.route needs host" .host }}
  labels: {{- include "dataops.labels" . | nindent 4 }}
spec:
  host: {{ .host }}.{{ $global.domain }}
  to: {kind: Service, name: {{ required "dataops.route needs service" .service }}, weight: 100}
  port: {targetPort: {{ .portName | default "http" }}}
  tls: {termination: {{ get ($global.routes | default dict) .host | default "edge" }}, insecureEdgeTerminationPolicy: Redirect}
  wildcardPolicy: None
{{- end }}
{{- end }}
