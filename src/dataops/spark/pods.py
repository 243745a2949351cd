"""The executors' pod: restricted, without token and without any Secret; Spark adds image, command and memory."""

import json
import tempfile
from pathlib import Path
from typing import Any

from dataops.spark.conf import DECOMMISSION_SECONDS

CA_FOLDER = "/etc/dataops/ca"


def executor_pod_template() -> dict[str, Any]:
    """Return the pod as plain data."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "labels": {
                "app.kubernetes.io/name": "spark",
                "app.kubernetes.io/component": "executor",
                "app.kubernetes.io/part-of": "dataops",
            }
        },
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": DECOMMISSION_SECONDS + 10,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "executor",
                    "workingDir": "/tmp",  # Spark writes beside it
                    "envFrom": [{"configMapRef": {"name": "dataops-env"}}],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "volumeMounts": [
                        {"name": "ca", "mountPath": CA_FOLDER, "readOnly": True},
                        {"name": "tmp", "mountPath": "/tmp"},
                        {"name": "home", "mountPath": "/home/dataops"},
                    ],
                }
            ],
            "volumes": [
                {"name": "ca", "configMap": {"name": "dataops-ca"}},
                {"name": "tmp", "emptyDir": {}},
                {"name": "home", "emptyDir": {}},
            ],
        },
    }


def write_executor_template() -> Path:
    """Write the pod to a file of this process and return its path."""
    with tempfile.NamedTemporaryFile("w", prefix="executor-", suffix=".yaml", delete=False) as file:
        json.dump(executor_pod_template(), file)  # JSON is YAML
    return Path(file.name)
