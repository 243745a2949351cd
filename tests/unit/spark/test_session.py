"""create_spark_session: a local session works, and what is missing is said before Spark starts."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyspark.sql import SparkSession

from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark import java, session
from dataops.spark.session import _check_master, create_spark_session


def test_a_local_session_computes_in_utc(local_spark: SparkSession) -> None:
    row = local_spark.sql("select cast(timestamp'2013-01-01 10:00:00' as long) as seconds").collect()[0]
    assert row["seconds"] == datetime(2013, 1, 1, 10, tzinfo=UTC).timestamp()


def test_python_workers_are_this_python(local_spark: SparkSession) -> None:
    version = local_spark.sparkContext.parallelize([0], 1).map(lambda _: sys.version).collect()
    assert version == [sys.version]


def test_the_running_session_is_returned(local_spark: SparkSession) -> None:
    assert create_spark_session("another") is local_spark


def test_the_ui_of_a_pod_listens_on_loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    exported: dict[str, str] = {}
    monkeypatch.setattr(session, "export", exported.update)
    monkeypatch.setattr(session, "_check_master", lambda url: None)
    monkeypatch.setattr(session, "write_executor_template", lambda: Path("executor.yaml"))
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", lambda builder: None)
    pod: dict[str, Any] = {
        "pod_name": "driver",
        "pod_namespace": "dataops-jobs",
        "pod_ip": "10.0.0.7",
        "spark_executor_image": "spark",
    }
    create_spark_session(settings=Settings.model_construct(spark_master_url="k8s://https://kubernetes", **pod))
    assert exported.get("SPARK_LOCAL_IP") == "127.0.0.1"


@pytest.mark.parametrize(("event_log", "logged"), [("true", ["spark-1"]), ("false", [])])
def test_applications_whose_log_is_stored_are_remembered(
    monkeypatch: pytest.MonkeyPatch, event_log: str, logged: list[str]
) -> None:
    made = SimpleNamespace(sparkContext=SimpleNamespace(applicationId="spark-1"))
    monkeypatch.setattr(session, "_logged", [])
    monkeypatch.setattr(session, "export_environment", lambda settings: None)
    monkeypatch.setattr(session, "_prepare_s3", lambda settings, event_log: None)
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", lambda builder: made)
    settings = Settings.model_construct(s3_endpoint_url="http://127.0.0.1:9")
    create_spark_session(settings=settings, conf={"spark.eventLog.enabled": event_log})
    assert session.logged_applications() == logged


def test_a_master_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_SPARK_AUTH_SECRET", "x")
    for url in ("spark://127.0.0.1:9", "k8s://https://127.0.0.1:9"):
        with pytest.raises(UserError, match=f"the Spark master {url} cannot be reached"):
            _check_master(url)


def test_a_standalone_master_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("_SPARK_AUTH_SECRET", raising=False)
    with pytest.raises(UserError, match="_SPARK_AUTH_SECRET is not set"):
        _check_master("spark://spark-master:7077")


def test_a_wrong_java_home_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UserError, match=f"JAVA_HOME is {tmp_path}, which holds no bin/java"):
        java.ensure_java()


def test_java_comes_from_the_wheel_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv("PATH", "/nonexistent")
    found: dict[str, Any] = {}
    monkeypatch.setattr(java, "export", found.update)
    java.ensure_java()
    assert (Path(found["JAVA_HOME"]) / "bin" / "java").is_file()


def test_no_java_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match="Spark needs Java 17"):
        java.ensure_java()


def test_settings_of_tests_ignore_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_MASTER_URL", "k8s://https://elsewhere:443")
    assert Settings.model_construct(spark_master_url="local[2]").spark_master_url == "local[2]"


def test_the_archive_of_classes_is_that_beside_sparks_jars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SPARK_HOME", raising=False)
    assert java.class_archive() is None
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    assert java.class_archive() is None
    (tmp_path / "classes.jsa").touch()
    assert java.class_archive() == tmp_path / "classes.jsa"
    options = session.driver_options(Settings.model_construct(spark_master_url="local[1]"), "test")
    assert options["spark.driver.extraClassPath"] == str(tmp_path / "classes.jar")
