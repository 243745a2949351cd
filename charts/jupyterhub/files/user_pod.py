"""The pod of a user's Jupyter server: its account, volumes and environment; profiles.py says how large it is."""

from typing import Any

from traitlets.config import Config

HOME = "/home/dataops"
MOUNTS = {"tmp": "/tmp", "run": "/run/dataops"}


def downward(field: str) -> dict[str, Any]:
    """Return the environment value that Kubernetes fills in with a field of the pod."""
    return {"valueFrom": {"fieldRef": {"fieldPath": field}}}


def configure(c: Config, settings: dict[str, Any]) -> None:
    """Describe the pod to KubeSpawner."""
    user = settings["user"]
    spawner = c.KubeSpawner
    spawner.namespace = settings["usersNamespace"]
    c.PlatformSpawner.own_namespaces = settings["ownNamespaces"]
    spawner.image = settings["image"]
    spawner.image_pull_policy = "IfNotPresent"
    spawner.image_pull_secrets = settings["imagePullSecrets"]
    spawner.cmd = ["jupyterhub-singleuser"]
    # The kernel with `spark` in it is what a new notebook gets unless its author chooses otherwise.
    spawner.args = ["--MultiKernelManager.default_kernel_name=dataops"]
    spawner.default_url = "/lab"
    spawner.notebook_dir = HOME
    spawner.start_timeout = user["startSeconds"]
    spawner.http_timeout = 60

    # The account lets a Spark driver make and delete its executors, in this namespace only.
    spawner.service_account = "notebook"
    spawner.automount_service_account_token = True
    # Network policies select by these; KubeSpawner writes the component itself.
    spawner.component_label = "notebook"
    spawner.extra_labels = {"app.kubernetes.io/name": "jupyterhub", "app.kubernetes.io/part-of": "dataops"}

    spawner.pod_security_context = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    spawner.container_security_context = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    spawner.extra_pod_config = {"enableServiceLinks": False}

    spawner.storage_pvc_ensure = True
    spawner.pvc_name_template = "home-{user_server}"
    spawner.storage_capacity = user["home"]["size"]
    spawner.storage_class = user["home"]["storageClass"] or None
    spawner.storage_access_modes = ["ReadWriteOnce"]
    # Leaving a team must not delete a person's work: an administrator does that, knowingly.
    spawner.delete_pvc = False
    spawner.volumes = [
        {"name": "home", "persistentVolumeClaim": {"claimName": "home-{user_server}"}},
        {"name": "tmp", "emptyDir": {}},
        {"name": "run", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}},
        {"name": "ca", "configMap": {"name": "dataops-ca"}},
        {"name": "catalog", "secret": {"secretName": "catalog-notebook"}},
    ]
    spawner.volume_mounts = [
        {"name": "home", "mountPath": HOME},
        *({"name": name, "mountPath": path} for name, path in MOUNTS.items()),
        {"name": "ca", "mountPath": "/etc/dataops/ca", "readOnly": True},
        {"name": "catalog", "mountPath": "/etc/dataops/catalog", "readOnly": True},
    ]

    if claim := user["sharedClaim"]:
        spawner.volumes.append({"name": "shared", "persistentVolumeClaim": {"claimName": claim}})
        spawner.volume_mounts.append({"name": "shared", "mountPath": f"{HOME}/shared"})

    spawner.extra_container_config = {
        "envFrom": [{"configMapRef": {"name": "dataops-env"}}, {"secretRef": {"name": "s3-notebook"}}]
    }
    domain = settings["mailDomain"]
    spawner.environment = {
        "POD_NAME": downward("metadata.name"),
        "POD_NAMESPACE": downward("metadata.namespace"),
        "POD_IP": downward("status.podIP"),
        "JUPYTERHUB_ALLOW_TOKEN_IN_URL": "0",
        "SERVER_IDLE_SECONDS": str(settings["idleSeconds"]),
        # Git's word for who commits, unless a person's own settings say otherwise.
        "EMAIL": lambda spawned: f"{spawned.user.name}@{domain}",
        # Connection files of kernels are of no use after the server, and a home may be on a network share.
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
        # MLflow asks the hub whose token this is.
        "MLFLOW_TRACKING_TOKEN": lambda spawned: spawned.api_token,
    }
