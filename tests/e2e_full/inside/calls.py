"""The requests of one person against another: paths with what differs between people in braces, and pods."""

from __future__ import annotations

import os
import uuid
from typing import Any

Call = tuple[str, str, Any]
"""A method, a path and a body."""

DRY = "dryRun=All"
METRIC = {"key": "loss", "value": 0.0, "timestamp": 1, "step": 0}
# what a cell of a kernel may say in the end of a pod, whose log it may not read
LISTING = "import glob; open('/dev/termination-log', 'w').write(repr(sorted(glob.glob('/mounted/*/*'))[:40]))"

SECURE = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
AMOUNTS = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}}


def pod(volumes: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A pod that lists what is mounted in it."""
    container = {
        "name": "main",
        "image": os.environ.get("SPARK_EXECUTOR_IMAGE", "none"),
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", LISTING],
        "resources": AMOUNTS,
        "securityContext": SECURE,
        "volumeMounts": [{"name": name, "mountPath": f"/mounted/{name}"} for name in volumes or {}],
    }
    return {
        "metadata": {"name": f"attempt-{uuid.uuid4().hex[:8]}"},
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            "volumes": [{"name": name, **source} for name, source in (volumes or {}).items()],
            **spec,
        },
    }


BINDING = {
    "metadata": {"name": "intruder"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "intruder"}],
}
TOKEN = {"spec": {"expirationSeconds": 600}}
EVICTION = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "{pod}"}}
HOST = {"host": {"hostPath": {"path": "/"}}}
RBAC = "/apis/rbac.authorization.k8s.io/v1"
HERE = "/api/v1/namespaces/{namespace}"

# in one's own namespace these work
PODS: dict[str, Call] = {
    "list pods": ("GET", f"{HERE}/pods", None),
    "read the server's pod": ("GET", f"{HERE}/pods/{{pod}}", None),
    "create a pod": ("POST", f"{HERE}/pods?{DRY}", pod()),
    "change the server's pod": ("PATCH", f"{HERE}/pods/{{pod}}?{DRY}", {"metadata": {"labels": {"attempt": "x"}}}),
    "delete the server's pod": ("DELETE", f"{HERE}/pods/{{pod}}?{DRY}", None),
    "delete volume claims": ("DELETE", f"{HERE}/persistentvolumeclaims?labelSelector=attempt=none&{DRY}", None),
}
# these not even there
NAMESPACE: dict[str, Call] = {
    "list Secrets": ("GET", f"{HERE}/secrets", None),
    "read the Secret with the key of S3": ("GET", f"{HERE}/secrets/s3-{{name}}", None),
    "read the Secret with the password of the catalog": ("GET", f"{HERE}/secrets/catalog-notebook", None),
    "list ConfigMaps": ("GET", f"{HERE}/configmaps", None),
    "read a ConfigMap": ("GET", f"{HERE}/configmaps/dataops-env", None),
    "read the home's claim": ("GET", f"{HERE}/persistentvolumeclaims/home-{{name}}", None),
    "read the server's log": ("GET", f"{HERE}/pods/{{pod}}/log?tailLines=1", None),
    "run a command in the server's pod": ("POST", f"{HERE}/pods/{{pod}}/exec?command=id&stdout=1", None),
    "attach to the server's pod": ("POST", f"{HERE}/pods/{{pod}}/attach?stdout=1", None),
    "forward a port of the server's pod": ("POST", f"{HERE}/pods/{{pod}}/portforward?ports=8888", None),
    "go through the API server to port 8888": ("GET", f"{HERE}/pods/{{pod}}:8888/proxy/user/{{name}}/api", None),
    "put a debugger beside the server": (
        "PATCH",
        f"{HERE}/pods/{{pod}}/ephemeralcontainers?{DRY}",
        {"spec": {"ephemeralContainers": [{"name": "intruder", "image": "any", "securityContext": SECURE}]}},
    ),
    "evict the server's pod": ("POST", f"{HERE}/pods/{{pod}}/eviction?{DRY}", EVICTION),
    "ask for a token of the account": ("POST", f"{HERE}/serviceaccounts/notebook/token", TOKEN),
    "change the account's role": ("PATCH", f"{RBAC}/namespaces/{{namespace}}/roles/notebook?{DRY}", {"rules": []}),
    "bind a role": ("POST", f"{RBAC}/namespaces/{{namespace}}/rolebindings?{DRY}", BINDING),
    "read events": ("GET", f"{HERE}/events", None),
}
CLUSTER: dict[str, Call] = {
    "Secrets of the servers": ("GET", "/api/v1/namespaces/dataops/secrets", None),
    "Secrets of the jobs": ("GET", "/api/v1/namespaces/dataops-jobs/secrets", None),
    "Secrets of the shared namespace": ("GET", "/api/v1/namespaces/dataops-users/secrets", None),
    "a pod among the servers": ("POST", f"/api/v1/namespaces/dataops/pods?{DRY}", pod()),
    "a pod among the jobs": ("POST", f"/api/v1/namespaces/dataops-jobs/pods?{DRY}", pod()),
    "a pod in the shared namespace": ("POST", f"/api/v1/namespaces/dataops-users/pods?{DRY}", pod()),
    "a command in the database": ("POST", "/api/v1/namespaces/dataops/pods/postgres-0/exec?command=id&stdout=1", None),
    "a token of the hub": ("POST", "/api/v1/namespaces/dataops/serviceaccounts/hub/token", TOKEN),
    "be administrator of the cluster": ("POST", f"{RBAC}/clusterrolebindings?{DRY}", BINDING),
    "list nodes": ("GET", "/api/v1/nodes", None),
    "the kubelet through the API server": ("GET", "/api/v1/nodes/{node}/proxy/pods", None),
    "list namespaces": ("GET", "/api/v1/namespaces", None),
    "list volumes": ("GET", "/api/v1/persistentvolumes", None),
    "figures of the API server": ("GET", "/metrics", None),
}
# pods that Pod Security refuses in one's own namespace
ESCAPES: dict[str, dict[str, Any]] = {
    "the node's files": pod(HOST),
    "the node's network": pod(hostNetwork=True),
    "the node's processes": pod(hostPID=True),
    "root": pod(securityContext={"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}}),
}
# a method, a path and a body; of one's own they work, in this order
RUNS = "/api/2.0/mlflow/runs"
MLFLOW: dict[str, Call] = {
    "log a metric": ("POST", f"{RUNS}/log-metric", {"run_id": "{run}", **METRIC}),
    "tag the run": ("POST", f"{RUNS}/set-tag", {"run_id": "{run}", "key": "owner", "value": "me"}),
    "rename the run": ("POST", f"{RUNS}/update", {"run_id": "{run}", "run_name": "mine"}),
    "make a run in the experiment": ("POST", f"{RUNS}/create", {"experiment_id": "{experiment}"}),
    "tag the experiment": (
        "POST",
        "/api/2.0/mlflow/experiments/set-experiment-tag",
        {"experiment_id": "{experiment}", "key": "owner", "value": "me"},
    ),
    "delete the run": ("POST", f"{RUNS}/delete", {"run_id": "{run}"}),
    "restore the run": ("POST", f"{RUNS}/restore", {"run_id": "{run}"}),
}
HUB: dict[str, Call] = {
    "look at the user": ("GET", "/users/{name}", None),
    "start the server": ("POST", "/users/{name}/server", {}),
    "stop the server": ("DELETE", "/users/{name}/server", None),
    "make a token": ("POST", "/users/{name}/tokens", {}),
    "list tokens": ("GET", "/users/{name}/tokens", None),
    "list users": ("GET", "/users", None),
    "make a user": ("POST", "/users/intruder", None),
    "read the proxy's routes": ("GET", "/proxy", None),
    "stop the hub": ("POST", "/shutdown", {}),
}
