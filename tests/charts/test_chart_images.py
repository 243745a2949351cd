"""Every container runs an image of ours, from the environment's registry, with the tag that the deployment built."""

import re

import pytest

from tests.charts.harness import (
    IMAGES,
    ROOT,
    TAG,
    Rendered,
    Variant,
    charts,
    environments,
    every_pod,
    read_yaml,
    template,
)


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_image(pod: Rendered) -> None:
    registry = read_yaml(ROOT / "environments" / f"{pod.variant.env}.yaml")["global"]["registry"]
    for container in pod.containers:
        name = container["image"].removeprefix(f"{registry}/").removesuffix(f":{TAG}")
        assert name in IMAGES, f"{pod}/{container['name']}: {container['image']} is not built by images/"
        assert container["imagePullPolicy"] == "IfNotPresent", f"{pod}/{container['name']}"


def test_digest_is_joined_by_at() -> None:
    digest = "sha256:" + "0" * 64
    done = template(Variant("spark", "openshift"), tags={"spark": digest})
    assert f"registry.example.com/dataops/spark@{digest}" in done.stdout


def test_missing_tag_is_one_sentence() -> None:
    done = template(Variant("spark", "local"), tags={})
    assert done.returncode != 0
    assert "global.tags.spark is missing: `dataops deploy` fills it in" in done.stderr


@pytest.mark.parametrize("chart", charts())
def test_app_version_is_text(chart: str) -> None:
    assert isinstance(read_yaml(ROOT / "charts" / chart / "Chart.yaml")["appVersion"], str), "quote it"


def test_pods_that_others_start_name_images_by_digest_too() -> None:
    digests = {name: f"sha256:{number:064x}" for number, name in enumerate(IMAGES)}
    found: set[str] = set()
    for chart in charts():
        if "openshift" in environments(chart):
            text = template(Variant(chart, "openshift"), tags=digests).stdout
            for name, rest in re.findall(r"registry\.example\.com/dataops/([a-z]+)(\S*)", text):
                assert rest.strip("\"',}]") == f"@{digests[name]}", f"{chart} names {name}{rest}"
                found.add(name)
    assert found == {"airflow", "jupyterhub", "mlflow", "notebook", "spark"}
