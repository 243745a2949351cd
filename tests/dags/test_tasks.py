"""The pod that a task becomes: restricted, with the facts and keys of its account by name and no secret typed."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from jinja2 import Environment
from kubernetes.client import ApiClient

from dataops.airflow import LOAD, daily_dag, publish_task, python_task, spark_task, sql_task
from dataops.airflow._tasks import RUN
from dataops.errors import UserError
from dataops.pods import SIZES
from dataops.spark.profiles import PROFILES

SECRETS = ("SECRET", "PASSWORD", "TOKEN", "ACCESS_KEY")


def pod(task: Any) -> dict[str, Any]:
    """The pod as it would be sent to Kubernetes."""
    client: Any = ApiClient()
    made: dict[str, Any] = client.sanitize_for_serialization(task.build_pod_request_obj(dry_run=True))
    return made


@pytest.fixture(params=[spark_task, python_task], ids=["spark", "python"])
def task(request: pytest.FixtureRequest) -> Any:
    """A task of each kind."""
    with daily_dag("example", owner="someone", description="An example.", tags=["test"]):
        return request.param("do_it", module="jobs.example", arguments=["--load", LOAD])


def test_the_pod_is_restricted(task: Any) -> None:
    spec = pod(task)["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["enableServiceLinks"] is False
    assert not spec["hostNetwork"]
    assert container["resources"]["limits"]["memory"] == "1536Mi"


def test_facts_and_keys_come_by_name(task: Any) -> None:
    (container,) = pod(task)["spec"]["containers"]
    names = [source.get("configMapRef", source.get("secretRef"))["name"] for source in container["envFrom"]]
    assert names == ["dataops-env", "s3-job", "mlflow-jobs"]
    assert {"POD_NAME", "POD_NAMESPACE", "POD_IP"} <= {variable["name"] for variable in container["env"]}


def test_no_secret_is_typed_into_the_pod(task: Any) -> None:
    (container,) = pod(task)["spec"]["containers"]
    assert not [name for name in (each["name"] for each in container["env"]) if any(word in name for word in SECRETS)]
    assert container["args"] == ["python", "-m", "jobs.example", "--load", LOAD]


def test_only_a_spark_driver_holds_a_token(task: Any) -> None:
    made = pod(task)
    driver = made["metadata"]["labels"]["app.kubernetes.io/component"] == "driver"
    assert made["spec"]["serviceAccountName"] == "job"
    assert made["spec"]["automountServiceAccountToken"] is driver


def test_every_mount_has_its_volume_and_what_is_written_is_no_image(task: Any) -> None:
    spec = pod(task)["spec"]
    mounts = {mount["mountPath"]: mount["name"] for mount in spec["containers"][0]["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert set(mounts.values()) == set(volumes)
    for path in ("/tmp", "/home/dataops", "/run/dataops"):
        assert "emptyDir" in volumes[mounts[path]]
    assert volumes[mounts["/run/dataops"]]["emptyDir"]["medium"] == "Memory"


def test_no_worker_waits_and_no_pod_stays(task: Any) -> None:
    assert task.deferrable is True
    assert task.on_finish_action.value == "delete_pod"
    assert task.get_logs is True


def test_sizes_are_the_profiles_of_the_library() -> None:
    assert set(SIZES) == set(PROFILES)


def test_an_unknown_size_is_named() -> None:
    with pytest.raises(UserError, match="task x: size 'huge' is unknown; use one of small, medium, large"):
        spark_task("x", module="jobs.example", size="huge")


def test_a_missing_image_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_EXECUTOR_IMAGE")
    with pytest.raises(UserError, match="SPARK_EXECUTOR_IMAGE is not set; give the Airflow pods"):
        spark_task("x", module="jobs.example")


@pytest.mark.parametrize(
    ("logical_date", "day"), [(datetime(2013, 12, 31, tzinfo=UTC), "2013-12-31"), (None, "2026-05-04")]
)
def test_a_run_without_a_logical_date_stands_for_the_day_it_runs(logical_date: datetime | None, day: str) -> None:
    jinja = Environment()
    jinja.filters["ds"] = lambda moment: f"{moment:%Y-%m-%d}"
    run = SimpleNamespace(logical_date=logical_date, run_after=datetime(2026, 5, 4, tzinfo=UTC))
    assert jinja.from_string(LOAD).render(dag_run=run) == day


def test_the_factory_makes_a_daily_dag_at_its_hour() -> None:
    dag: DAG = daily_dag("example", owner="someone", description="An example.", tags=["test"], hour=5)
    assert dag.timetable.expression == "0 5 * * *"


@pytest.fixture
def declared() -> Any:
    """Tasks inside of a DAG."""
    with daily_dag("example", owner="someone", description="An example.", tags=["test"]):
        yield


def test_a_statement_and_files_are_jobs_of_the_repository(declared: None) -> None:
    check = sql_task("check", sql="x", reads=["silver.a", "silver.b"])
    table = sql_task("table", sql="x", reads=["silver.a"], publish="gold.x", partition_by=["year", "month"])
    files = publish_task("files", path=f"bronze/{LOAD}/", table="silver.a")
    head = ["python", "-m"]
    assert check.arguments == [*head, "jobs.run_sql", "--load", LOAD, "--sql", "x", "--reads", "silver.a silver.b"]
    assert table.arguments[-4:] == ["--publish", "gold.x", "--partition-by", "year month"]
    assert files.arguments == [
        *head,
        *("jobs.publish_files", "--load", LOAD, "--path", f"bronze/{LOAD}/", "--table", "silver.a"),
    ]


def test_a_driver_links_to_its_application_by_its_pods_uid(task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HISTORY_URL", "https://history.example.com")
    monkeypatch.setenv("MLFLOW_URL", "https://mlflow.example.com")
    links = {link.name: link for link in task.operator_extra_links}
    assert links["MLflow"].get_link(task, ti_key=None) == "https://mlflow.example.com"
    assert links["Spark history"].get_link(task, ti_key=None) == "", "before it ran there is no application"
    made = task.build_pod_request_obj(dry_run=True)
    made.metadata.uid = "01a2"
    task.pod = made
    driver = made.metadata.labels["app.kubernetes.io/component"] == "driver"
    wanted = "https://history.example.com/history/01a2/jobs/" if driver else ""
    assert links["Spark history"].get_link(task, ti_key=None) == wanted


def test_the_pod_knows_its_uid_and_its_run(task: Any) -> None:
    (container,) = pod(task)["spec"]["containers"]
    told = {variable["name"]: variable for variable in container["env"]}
    assert told["SPARK_APPLICATION"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.uid"
    assert told["DATAOPS_RUN"]["value"] == RUN
