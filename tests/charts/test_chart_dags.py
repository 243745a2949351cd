"""DAGs come in the image, from Git or from a volume: one setting, and every pod that reads DAG files knows it."""

import json
from typing import Any

import pytest
import yaml

from tests.charts.harness import Object, Variant, environments, render, template

READERS = ("airflow-dag-processor", "airflow-task")


def pods(feature: str, env: str = "local") -> dict[str, Object]:
    """The pod specs of one variant by name, that of tasks included."""
    found: dict[str, Object] = {}
    for item in render(Variant("airflow", env, feature)):
        if item["kind"] == "Deployment":
            found[item["metadata"]["name"]] = item["spec"]["template"]["spec"]
        elif item["kind"] == "ConfigMap" and "pod_template.yaml" in item.get("data", {}):
            task = yaml.safe_load(item["data"]["pod_template.yaml"])
            found[task["metadata"]["name"]] = task["spec"]
    assert set(READERS) <= set(found)
    return found


def environment(pod: Object) -> dict[str, Any]:
    """What a pod's own container is told."""
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in pod["containers"][0]["env"]}


@pytest.mark.parametrize("env", environments("airflow"))
def test_in_the_image_nothing_is_mounted_or_fetched(env: str) -> None:
    for name, pod in pods("", env).items():
        told = environment(pod)
        assert told["AIRFLOW__CORE__DAGS_FOLDER"] == "/opt/dataops/dags", name
        assert not [key for key in told if "BUNDLE" in key or key == "AIRFLOW_CONN_DAGS_GIT"], name


@pytest.mark.parametrize("env", environments("airflow"))
def test_with_git_every_pod_knows_the_same_bundle(env: str) -> None:
    bundles = {environment(pod)["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"] for pod in pods("git", env).values()}
    ((bundle,),) = [json.loads(text) for text in bundles]
    assert bundle["classpath"] == "airflow.providers.git.bundles.git.GitDagBundle"
    assert bundle["kwargs"] == {
        "repo_url": "https://gitlab.example.com/data/platform.git",
        "tracking_ref": "main",
        "subdir": "dags",
        "git_conn_id": "dags_git",
        "refresh_interval": 60,
    }


def test_with_git_only_readers_of_dags_get_the_key_and_trust_the_ca() -> None:
    for name, pod in pods("git").items():
        key = environment(pod).get("AIRFLOW_CONN_DAGS_GIT")
        wanted = {"secretKeyRef": {"name": "airflow-git", "key": "connection", "optional": True}}
        assert key == (wanted if name in READERS else None), name
        facts = [source.get("configMapRef", {}).get("name") for source in pod["containers"][0]["envFrom"]]
        assert "dataops-env" in facts, f"{name}: GIT_SSL_CAINFO is in the facts"


@pytest.mark.parametrize("env", environments("airflow"))
def test_a_volume_is_read_where_dags_are_read_and_written_nowhere(env: str) -> None:
    for name, pod in pods("volume", env).items():
        assert environment(pod)["AIRFLOW__CORE__DAGS_FOLDER"] == "/etc/dataops/dags", name
        mounts = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "dags"]
        claims = [one["persistentVolumeClaim"] for one in pod["volumes"] if one["name"] == "dags"]
        if name in READERS:
            assert mounts == [{"name": "dags", "mountPath": "/etc/dataops/dags", "readOnly": True}], name
            assert claims == [{"claimName": "dags", "readOnly": True}], name
        else:
            assert mounts == claims == [], name


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"from": "s3"}, "dags.from"),
        ({"from": "git"}, "dags.git.url"),
        ({"from": "git", "git": {"url": "https://me:secret@gitlab.example.com/x.git"}}, "dags.git.url"),
        ({"from": "volume"}, "dags.claim"),
    ],
)
def test_half_a_choice_is_refused_with_its_place(values: dict[str, Any], sentence: str) -> None:
    done = template(Variant("airflow", "local"), f"--set-json=dags={json.dumps(values)}")
    assert done.returncode and sentence in done.stderr.replace("/", "."), done.stderr
