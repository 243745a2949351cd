"""Every object can be found by its labels, and every selector finds exactly the pods that are meant."""

import pytest

from tests.charts.harness import Rendered, every_object, every_pod, every_server

REQUIRED = ("name", "component", "instance", "part-of", "managed-by")


@pytest.mark.parametrize("item", every_object(), ids=str)
def test_labels(item: Rendered) -> None:
    labels = item.object["metadata"].get("labels", {})
    missing = [word for word in REQUIRED if not labels.get(f"app.kubernetes.io/{word}")]
    assert not missing, f"{item}: no label app.kubernetes.io/{', '.join(missing)}"
    assert labels["app.kubernetes.io/name"] == item.variant.chart
    assert labels["app.kubernetes.io/part-of"] == "dataops"


@pytest.mark.parametrize("item", every_object(), ids=str)
def test_names_fit(item: Rendered) -> None:
    longest = 52 if item.kind in ("StatefulSet", "Job") else 63  # their pods' names and labels get more behind them
    assert len(item.name) <= longest, f"{item}: {len(item.name)} characters, at most {longest}"


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_pod_labels(pod: Rendered) -> None:
    assert pod.pod_labels["app.kubernetes.io/name"] == pod.variant.chart
    assert pod.pod_labels["app.kubernetes.io/component"], f"{pod}: policies could not select it"
    assert not [
        key for key in pod.pod_labels if "version" in key or "chart" in key
    ], f"{pod}: an upgrade would restart it"


@pytest.mark.parametrize("server", every_server(), ids=str)
def test_selectors_are_name_and_component(server: Rendered) -> None:
    selector = server.object["spec"]["selector"]["matchLabels"]
    assert set(selector) == {"app.kubernetes.io/name", "app.kubernetes.io/component"}, f"{server}: {selector}"
    assert selector.items() <= server.pod_labels.items(), f"{server} does not select its own pods"


@pytest.mark.parametrize("server", every_server(), ids=str)
def test_pods_follow_secrets_and_configuration(server: Rendered) -> None:
    annotations = server.object["spec"]["template"]["metadata"].get("annotations", {})
    assert (
        annotations.get("dataops/secrets") == "abc"
    ), f"{server}: a new Secret would not reach it, use dataops.podAnnotations"
