"""Every image, as a pod of the node's containerd, under three uids that it has never heard of."""

from __future__ import annotations

import pytest

from dataops.platform.images.builder import load_into_cluster
from dataops.platform.smoke.context import Context
from tests.e2e import pods
from tests.e2e.verbs import ROOT
from tests.images.containers import IMAGES, KNOWN_AS, REFS, WHO, WRITABLE, unknown_uid

STARTED_SECONDS = 60


def container(name: str, uid: int) -> dict[str, object]:
    """A container that says who it is, through the image's entrypoint and without a right."""
    return {
        "name": f"uid-{uid}",
        "image": REFS[name],
        "imagePullPolicy": "Never",
        "args": ["python3", "-c", WHO],
        "securityContext": {
            "runAsUser": uid,
            "runAsGroup": 0,
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": path.strip("/").replace("/", "-"), "mountPath": path} for path in WRITABLE],
    }


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_runs_as_any_uid_of_group_0(platform: Context, name: str) -> None:
    load_into_cluster(ROOT, [REFS[name]], "node")
    uids = [unknown_uid() for _ in range(3)]
    pod = {
        "metadata": {"generateName": f"e2e-{name}-"},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container(name, uid) for uid in uids],
            "volumes": [{"name": path.strip("/").replace("/", "-"), "emptyDir": {}} for path in WRITABLE],
        },
    }
    core, namespace = platform.cluster.core, platform.environment.namespaces["jobs"]
    with pods.running(platform, namespace, pod) as made:
        name = made.metadata.name
        pods.until(lambda: pods.ended(core.read_namespaced_pod(name, namespace)), STARTED_SECONDS, f"{name} runs on")
        said = [core.read_namespaced_pod_log(name, namespace, container=f"uid-{uid}").strip() for uid in uids]
    assert said == [KNOWN_AS] * 3
