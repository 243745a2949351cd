"""Spark's configuration as a function of the settings, for each of the three masters."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dataops.config import Settings
from dataops.errors import UserError
from dataops.platform.paths import repository_root
from dataops.pods import SIZES
from dataops.spark.conf import DECOMMISSION_SECONDS, spark_conf
from dataops.spark.pods import executor_pod_template
from dataops.spark.profiles import GIB, MIB, PROFILES, mebibytes

TEMPLATE = Path("/tmp/executor.yaml")
POD: dict[str, Any] = {
    "spark_master_url": "k8s://https://kubernetes.default.svc:443",
    "spark_executor_image": "registry/spark:1",
    "pod_name": "driver",
    "pod_namespace": "dataops-jobs",
    "pod_ip": "10.0.0.7",
}
LAKE: dict[str, Any] = {
    "s3_endpoint_url": "https://s3:9000",
    "s3_access_key_id": SecretStr("canary-id"),
    "s3_secret_access_key": SecretStr("canary-secret"),
    "lake_catalog_uri": "postgresql://postgres:5432/lake",
    "lake_catalog_user": "lake_job",
    "pgsslmode": "verify-full",
    "pgsslrootcert": Path("/etc/dataops/ca/ca-bundle.crt"),
}


def conf(version: tuple[int, ...] = (3, 5, 9), /, **values: Any) -> dict[str, str]:
    """Return the configuration for settings that ignore the environment."""
    archive = values.pop("class_archive", None)
    settings = Settings.model_construct(**values)
    text = ".".join(map(str, version))
    return spark_conf(settings, spark_version=text, executor_template=TEMPLATE, class_archive=archive)


@pytest.mark.parametrize("master", ["local[*]", "spark://spark-master:7077", POD["spark_master_url"]])
def test_no_secret_enters_the_configuration(master: str) -> None:
    options = conf(**{**POD, **LAKE, "spark_master_url": master})
    assert "canary" not in str(options) and "password" not in " ".join(options)
    assert options["spark.master"] == master


def test_the_driver_is_addressed_by_its_pod_within_the_open_ports() -> None:
    options = conf(**POD)
    retries = int(options["spark.port.maxRetries"])
    first, block = int(options["spark.driver.port"]), int(options["spark.driver.blockManager.port"])
    assert options["spark.driver.host"] == "10.0.0.7" and options["spark.driver.bindAddress"] == "0.0.0.0"
    assert first == 7078 and first + retries < block and block + retries == 7109


def test_executors_belong_to_the_driver_and_scale_to_zero() -> None:
    options = conf(**POD)
    assert options["spark.kubernetes.driver.pod.name"] == "driver"
    assert options["spark.kubernetes.namespace"] == "dataops-jobs"
    assert options["spark.dynamicAllocation.minExecutors"] == options["spark.dynamicAllocation.initialExecutors"] == "0"
    assert options["spark.executor.heartbeat.maxFailures"] == "3"
    assert options["spark.kubernetes.executor.disableConfigMap"] == "true"


def test_idle_executors_are_given_back_within_two_minutes() -> None:
    options = conf(**POD)
    for name in ("executorIdleTimeout", "shuffleTracking.timeout"):
        assert int(options[f"spark.dynamicAllocation.{name}"].removesuffix("s")) <= 100, name
    # the last one finds nobody to hand its blocks to, and looks again so often
    assert int(options["spark.storage.decommission.replicationReattemptInterval"].removesuffix("s")) <= 10


def test_a_pod_that_does_not_know_itself_is_told_what_is_missing() -> None:
    with pytest.raises(UserError, match="POD_IP is not set"):
        conf(**{**POD, "pod_ip": None})


def test_the_cipher_follows_the_version() -> None:
    assert conf((3, 5, 9), **POD)["spark.network.crypto.cipher"] == "AES/GCM/NoPadding"
    older = conf((3, 5, 7), **POD)
    assert older["spark.network.crypto.cipher"] == "AES/CTR/NoPadding"
    assert older["spark.network.crypto.authEngineVersion"] == "2"
    for options in (conf(**POD), older):
        assert options["spark.authenticate"] == options["spark.network.crypto.enabled"] == "true"
        assert options["spark.io.encryption.enabled"] == "true"


def test_a_standalone_cluster_is_spoken_to_with_its_secret_and_encrypted() -> None:
    options = conf(**{**POD, "spark_master_url": "spark://spark-master:7077"})
    assert options["spark.authenticate"] == options["spark.network.crypto.enabled"] == "true"


def test_profiles_grow_driver_and_executors_together() -> None:
    small, large = conf(**POD), conf(**POD, spark_profile="large")
    for name in ("spark.driver.memory", "spark.executor.memory"):
        assert small[name] != large[name]


def test_driver_and_executors_map_their_classes_where_there_is_an_archive() -> None:
    plain = conf(spark_profile="medium")
    assert not [name for name in plain if "extraClassPath" in name]
    archived = conf(spark_profile="medium", class_archive=Path("/spark/classes.jsa"))
    for side in ("driver", "executor"):
        options = f"spark.{side}.extraJavaOptions"
        assert archived[options].split() == [*plain[options].split(), "-XX:SharedArchiveFile=/spark/classes.jsa"]
        assert archived[f"spark.{side}.extraClassPath"] == "/spark/classes.jar"


def test_s3a_follows_the_settings() -> None:
    options = conf(**LAKE, s3_addressing_style="virtual", aws_s3_signature_version="s3")
    assert options["spark.hadoop.fs.s3a.path.style.access"] == "false"
    assert options["spark.hadoop.fs.s3a.signing-algorithm"] == "S3SignerType"
    assert options["spark.hadoop.fs.s3a.committer.name"] == "magic"
    assert options["spark.hadoop.fs.s3a.multiobjectdelete.enable"] == "true"
    older = conf(**LAKE, s3_multi_delete=False)
    assert older["spark.hadoop.fs.s3a.multiobjectdelete.enable"] == "false"
    assert options["spark.eventLog.dir"] == "s3a://data-lake/spark-events"
    assert "spark.hadoop.fs.s3a.signing-algorithm" not in conf(**LAKE)


MASTERS = ["local[*]", "spark://spark-master:7077", POD["spark_master_url"]]
S3A = "spark.hadoop.fs.s3a."


@pytest.mark.parametrize("master", MASTERS)
def test_s3a_is_tuned_for_columns_on_every_master(master: str) -> None:
    options = conf(**{**POD, **LAKE, "spark_master_url": master})
    wanted = {
        "experimental.input.fadvise": "random",
        "readahead.range": "1M",
        "threads.max": "64",
        "connection.maximum": "200",
        "fast.upload.buffer": "bytebuffer",
        "fast.upload.active.blocks": "4",
        "multipart.size": str(16 << 20),
        "directory.marker.retention": "keep",
        "committer.name": "magic",
        "path.style.access": "true",
    }
    assert {name: options[S3A + name] for name in wanted} == wanted
    assert int(options[S3A + "connection.maximum"]) > int(options[S3A + "threads.max"])


@pytest.mark.parametrize("size", PROFILES)
def test_uploads_fit_beside_the_heap(size: str) -> None:
    """S3A gives each block of an open file its whole size of memory outside the heap."""
    options = conf(**POD, **LAKE, spark_profile=size)
    block, cores = int(options[S3A + "multipart.size"]), int(options["spark.executor.cores"])
    held = cores * block * (int(options[S3A + "fast.upload.active.blocks"]) + 1)
    assert held <= mebibytes(options["spark.executor.memoryOverhead"]) * MIB / 4, "Python has the rest"
    assert held <= mebibytes(options["spark.executor.memory"]) * MIB, "Java's limit for it is the heap's"
    assert block * 10_000 >= 100 * GIB, "a file has at most 10,000 parts"
    driver = mebibytes(options["spark.driver.memory"]) * MIB
    limit = mebibytes(SIZES[size].memory_limit.removesuffix("i").lower()) * MIB
    assert int(SIZES[size].cpu_limit) * held / cores <= limit - driver, "with local[*] the driver writes"


@pytest.mark.parametrize("size", PROFILES)
def test_shuffles_follow_the_size(size: str) -> None:
    options, profile = conf(spark_profile=size), PROFILES[size]
    part = int(options["spark.sql.adaptive.advisoryPartitionSizeInBytes"])
    heap = mebibytes(profile.executor_memory) * MIB
    assert part <= (heap - 300 * MIB) * 0.6 / profile.executor_cores / 3, "unpacked, it fits into a task's memory"
    assert int(options["spark.sql.shuffle.partitions"]) * part >= profile.input_bytes
    assert options["spark.dataops.profile"] == size


def test_sizes_are_meant_for_ever_more_input() -> None:
    sizes = [profile.input_bytes for profile in PROFILES.values()]
    assert sizes == sorted(sizes) and sizes[0] == GIB and sizes[-1] == 100 * GIB


def test_new_tables_get_files_of_a_good_size() -> None:
    size = int(conf(**LAKE)["spark.sql.catalog.lake.table-default.write.target-file-size-bytes"])
    assert 128 * MIB <= size <= 512 * MIB


@pytest.mark.parametrize("master", MASTERS[1:])
def test_executors_that_go_hand_over_what_they_hold(master: str) -> None:
    options = conf(**{**POD, "spark_master_url": master})
    assert options["spark.decommission.enabled"] == options["spark.storage.decommission.enabled"] == "true"
    assert options["spark.executor.decommission.forceKillTimeout"] == f"{DECOMMISSION_SECONDS}s"


def test_a_pod_waits_until_its_executor_has_handed_over() -> None:
    script = (repository_root() / "images/spark/bin/decommission-executor").read_text(encoding="utf-8")
    assert executor_pod_template()["spec"]["terminationGracePeriodSeconds"] == DECOMMISSION_SECONDS + 10
    assert f"timeout {DECOMMISSION_SECONDS} tail" in script
    assert conf(**POD)["spark.kubernetes.decommission.script"] == "/usr/local/bin/decommission-executor"


def test_the_catalog_is_reached_over_tls_and_makes_no_tables() -> None:
    options = conf(**LAKE)
    assert options["spark.sql.catalog.lake.uri"] == (
        "jdbc:postgresql://postgres:5432/lake?sslmode=verify-full&sslrootcert=/etc/dataops/ca/ca-bundle.crt"
    )
    assert options["spark.sql.catalog.lake.jdbc.init-catalog-tables"] == "false"
    assert options["spark.sql.catalog.lake.jdbc.schema-version"] == "V1"


def test_without_s3_and_catalog_spark_is_plain() -> None:
    assert not [name for name in conf() if "s3a" in name or "catalog.lake" in name or "eventLog" in name]


def test_executors_are_restricted_and_carry_no_secret() -> None:
    pod = executor_pod_template()["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False and pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "secret" not in str(pod).lower()
    assert "runAsUser" not in str(pod) and "fsGroup" not in str(pod)
