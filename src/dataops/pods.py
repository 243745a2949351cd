"""The pod of a job's task as plain data: the same for Airflow's tasks, for the smoke run and for whoever needs one."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Size:
    """What a driver's pod asks for and may use at most."""

    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str


# The names are dataops.spark's profiles, so that driver, heap and executors grow together.
SIZES = {
    "small": Size("100m", "2", "512Mi", "1536Mi"),
    "medium": Size("500m", "2", "2Gi", "3Gi"),
    "large": Size("1", "4", "4Gi", "6Gi"),
}

_ENV_FROM = [
    {"configMapRef": {"name": "dataops-env"}},
    {"secretRef": {"name": "s3-job"}},
    {"secretRef": {"name": "mlflow-jobs"}},
]
_VOLUMES: dict[str, tuple[str, dict[str, Any]]] = {
    "ca": ("/etc/dataops/ca", {"configMap": {"name": "dataops-ca"}}),
    "catalog": ("/etc/dataops/catalog", {"secret": {"secretName": "catalog-job"}}),
    "tmp": ("/tmp", {"emptyDir": {}}),
    "home": ("/home/dataops", {"emptyDir": {}}),
    "run": ("/run/dataops", {"emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}}),
}
_READ_ONLY = {"ca", "catalog"}


def job_pod(*, image: str, component: str, size: str, spark: bool) -> dict[str, Any]:
    """Return the pod of one task of a job.

    Args:
        image: the Spark image, which also carries the jobs.
        component: label that tells Spark drivers from plain tasks.
        size: a key of `SIZES`.
        spark: whether it starts executors, for which it needs a token of its account.
    """
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "labels": {
                "app.kubernetes.io/name": "job",
                "app.kubernetes.io/component": component,
                "app.kubernetes.io/part-of": "dataops",
            }
        },
        "spec": {
            "restartPolicy": "Never",
            "serviceAccountName": "job",
            "automountServiceAccountToken": spark,
            "enableServiceLinks": False,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [_container(image, size)],
            "volumes": [{"name": name, **source} for name, (_, source) in _VOLUMES.items()],
        },
    }


def _container(image: str, size: str) -> dict[str, Any]:
    limits = SIZES[size]
    return {
        "name": "base",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "workingDir": "/tmp",
        "env": [
            {"name": "SPARK_PROFILE", "value": size},
            *(
                {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
                for name, path in (
                    ("POD_NAME", "metadata.name"),
                    ("POD_NAMESPACE", "metadata.namespace"),
                    ("POD_IP", "status.podIP"),
                    ("SPARK_APPLICATION", "metadata.uid"),
                )
            ),
        ],
        "envFrom": _ENV_FROM,
        "resources": {
            "requests": {"cpu": limits.cpu_request, "memory": limits.memory_request},
            "limits": {"cpu": limits.cpu_limit, "memory": limits.memory_limit},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": name, "mountPath": path, "readOnly": name in _READ_ONLY} for name, (path, _) in _VOLUMES.items()
        ],
    }
