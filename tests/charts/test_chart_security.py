"""Every pod passes Pod Security `restricted` and leaves its identity to the platform."""

import pytest

from tests.charts.harness import Rendered, every_object, every_pod, walk

PODS = pytest.mark.parametrize("pod", every_pod(), ids=str)
# Accounts whose pods talk to the Kubernetes API; every other pod carries no token.
ACCOUNTS_WITH_TOKEN = {"hub", "airflow", "airflow-api-server", "airflow-task", "job", "notebook"}


@PODS
def test_pod_is_restricted(pod: Rendered) -> None:
    context = pod.pod["securityContext"]
    assert context["runAsNonRoot"] is True, f"{pod}: runAsNonRoot"
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}, f"{pod}: seccompProfile"
    assert pod.pod["enableServiceLinks"] is False, f"{pod}: enableServiceLinks fills the environment with addresses"
    for host in ("hostNetwork", "hostPID", "hostIPC"):
        assert host not in pod.pod, f"{pod}: {host}"
    for volume in pod.pod.get("volumes", []):
        assert "hostPath" not in volume and "csi" not in volume, f"{pod}: volume {volume['name']}"


@PODS
def test_containers_are_restricted(pod: Rendered) -> None:
    for container in pod.containers:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False, f"{pod}/{container['name']}"
        assert context["capabilities"] == {"drop": ["ALL"]}, f"{pod}/{container['name']}"
        assert (
            context["readOnlyRootFilesystem"] is True
        ), f"{pod}/{container['name']}: name its writable folders instead"


@PODS
def test_no_fixed_identity(pod: Rendered) -> None:
    for node in walk(pod.object):
        fixed = {"runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "seLinuxOptions"} & set(node)
        assert not fixed, f"{pod}: {', '.join(fixed)}: OpenShift assigns it, and refuses other values"


@PODS
def test_token_only_where_listed(pod: Rendered) -> None:
    account, token = pod.pod.get("serviceAccountName", "default"), pod.pod["automountServiceAccountToken"]
    assert token is False or account in ACCOUNTS_WITH_TOKEN, f"{pod}: account {account} needs no token"


@pytest.mark.parametrize("item", every_object(), ids=str)
def test_no_chart_renders_a_secret(item: Rendered) -> None:
    assert item.kind != "Secret", f"{item}: declare it in secrets.yaml, a release would keep its value in clear"
