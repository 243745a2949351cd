"""Spark's configuration as a pure function of the settings; nothing secret ever enters it."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.profiles import PROFILES, UPLOADS

CATALOG = "lake"
"""The catalog's name is part of each of its rows, so every session and every client uses this one."""

DECOMMISSION_SECONDS = 20
"""So long an executor may hand over what it holds; its pod's grace period is a little longer."""

FIRST_PORT, PORTS = 7078, 16
"""The driver listens on the first free one of 7078-7093, its block manager on one of 7094-7109; policies open both."""


def spark_conf(
    settings: Settings,
    *,
    spark_version: str,
    app_name: str = "dataops",
    executor_template: Path | None = None,
    class_archive: Path | None = None,
) -> dict[str, str]:
    """Return every Spark option that follows from the settings.

    Args:
        settings: where things are; they also name the master.
        app_name: what the application is called in the history server.
        spark_version: decides the cipher; older ones hang with AES-GCM.
        executor_template: file with the executors' pod, for a k8s:// master.
        class_archive: Java's archive of what Spark loads at its start, with the jar it belongs to beside it.

    Raises:
        UserError: the master needs a setting that is missing.
    """
    conf = _common(settings, app_name) | _adaptive(settings) | _java(settings, class_archive)
    if settings.spark_application:  # of a job's pod: whoever knows the pod finds its application in the history
        conf["spark.app.id"] = settings.spark_application
    if settings.s3_endpoint_url:
        conf |= _s3(settings)
    if settings.lake_catalog_uri:
        conf |= _catalog(settings)
    if settings.spark_master_url.startswith("k8s://"):
        conf |= _driver_address(settings) | _elastic(settings) | _encryption(spark_version)
        conf |= _kubernetes(settings, executor_template)
    elif settings.spark_master_url.startswith("spark://"):
        # the standalone master speaks Spark's default cipher, and both sides must agree
        conf |= {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}
        conf |= _driver_address(settings) | _elastic(settings)
    return conf


def _common(settings: Settings, app_name: str) -> dict[str, str]:
    return {
        "spark.master": settings.spark_master_url,
        "spark.app.name": app_name,
        "spark.submit.deployMode": "client",
        "spark.driver.memory": PROFILES[settings.spark_profile].driver_memory,
        "spark.sql.session.timeZone": "UTC",
        # frames travel between pandas and Spark as Arrow; executors parse what arrives, not the driver's optimizer
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.localRelationThreshold": "1m",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.ui.killEnabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Spark's own pattern knows no underscore and would show S3_ACCESS_KEY_ID
        "spark.redaction.regex": "(?i)secret|password|token|access[._-]?key|credential",
    }


def _java(settings: Settings, class_archive: Path | None) -> dict[str, str]:
    options = PROFILES[settings.spark_profile].java_options
    paths = {}
    if class_archive:
        options = f"{options} -XX:SharedArchiveFile={class_archive}"
        paths = {"extraClassPath": str(class_archive.with_suffix(".jar"))}
    return {
        f"spark.{side}.{name}": value
        for side in ("driver", "executor")
        for name, value in {"extraJavaOptions": options, **paths}.items()
    }


def _adaptive(settings: Settings) -> dict[str, str]:
    """Shuffles of the size: parts enough for the most input it is meant for, of which Spark merges small ones."""
    profile = PROFILES[settings.spark_profile]
    return {
        "spark.dataops.profile": settings.spark_profile,  # for those who read the event log
        "spark.sql.shuffle.partitions": str(profile.partitions),
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": str(profile.partition_bytes),
        # a partition that is so much larger than others is split: its default would not fit into our executors
        "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes": str(2 * profile.partition_bytes),
    }


def _s3(settings: Settings) -> dict[str, str]:
    assert settings.s3_endpoint_url
    committers = "org.apache.spark.internal.io.cloud"
    factories = "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    s3a = {
        "endpoint": settings.s3_endpoint_url,
        "endpoint.region": settings.s3_region,
        "path.style.access": str(settings.s3_addressing_style == "path").lower(),
        "connection.ssl.enabled": str(settings.s3_endpoint_url.startswith("https")).lower(),
        # the driver puts the keys of its environment into the running session; nobody asks a metadata service
        "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
        "committer.name": "magic",
        "committer.magic.enabled": "true",
        "multiobjectdelete.enable": str(settings.s3_multi_delete).lower(),
        "directory.marker.retention": "keep",
        "attempts.maximum": "5",
        "retry.limit": "5",
        # columns are read here and there in a file: ask for what is wanted, and for a megabyte at the least
        "experimental.input.fadvise": "random",
        "readahead.range": "1M",
        "threads.max": "64",
        "connection.maximum": "200",  # more than threads, or they wait for one another
        # parts of an upload wait in memory outside the heap, in the room that the size leaves them
        "fast.upload.buffer": "bytebuffer",
        "fast.upload.active.blocks": str(UPLOADS),
        "multipart.size": str(PROFILES[settings.spark_profile].upload_bytes),
    }
    if settings.aws_s3_signature_version == "s3":
        s3a["signing-algorithm"] = "S3SignerType"
    return {f"spark.hadoop.fs.s3a.{name}": value for name, value in s3a.items()} | {
        "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": factories,
        "spark.sql.sources.commitProtocolClass": f"{committers}.PathOutputCommitProtocol",
        "spark.sql.parquet.output.committer.class": f"{committers}.BindingParquetOutputCommitter",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"s3a://{settings.s3_bucket}/spark-events",
        "spark.eventLog.rolling.enabled": "true",
        "spark.eventLog.rolling.maxFileSize": "10m",
    }


def _catalog(settings: Settings) -> dict[str, str]:
    if not settings.lake_catalog_user:
        raise UserError("LAKE_CATALOG_USER is not set; give the pod the Secret s3-<account> of its account")
    catalog = {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".type": "jdbc",
        ".uri": jdbc_url(settings),
        ".jdbc.user": settings.lake_catalog_user,  # the password comes from PGPASSFILE, never from here
        ".jdbc.schema-version": "V1",
        ".jdbc.init-catalog-tables": "false",
        ".warehouse": f"s3a://{settings.s3_bucket}",
        ".io-impl": "org.apache.iceberg.hadoop.HadoopFileIO",
        ".cache-enabled": "false",  # a session sees what others committed
        ".table-default.write.target-file-size-bytes": str(256 << 20),
    }
    return {f"spark.sql.catalog.{CATALOG}{name}": value for name, value in catalog.items()} | {
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
    }


def jdbc_url(settings: Settings) -> str:
    """Return the catalog's address as JDBC wants it."""
    parts = urlsplit(settings.lake_catalog_uri or "")
    options: dict[str, str] = {"sslmode": settings.pgsslmode}
    if settings.pgsslrootcert:
        options["sslrootcert"] = str(settings.pgsslrootcert)
    return f"jdbc:postgresql://{parts.netloc}{parts.path}?{urlencode(options, safe='/')}"


def _driver_address(settings: Settings) -> dict[str, str]:
    if not settings.pod_ip:
        return {}
    return {
        "spark.driver.host": settings.pod_ip,
        "spark.driver.bindAddress": "0.0.0.0",
        "spark.driver.port": str(FIRST_PORT),
        "spark.driver.blockManager.port": str(FIRST_PORT + PORTS),
        "spark.port.maxRetries": str(PORTS - 1),
    }


def _elastic(settings: Settings) -> dict[str, str]:
    profile = PROFILES[settings.spark_profile]
    return {
        "spark.executor.cores": str(profile.executor_cores),
        "spark.executor.memory": profile.executor_memory,
        "spark.executor.memoryOverhead": profile.executor_overhead,
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        # what a shuffle left is computed anew when it is needed later; nobody's idle session holds others up for longer
        "spark.dynamicAllocation.shuffleTracking.timeout": "90s",
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.initialExecutors": "0",
        "spark.dynamicAllocation.maxExecutors": str(profile.max_executors),
        "spark.dynamicAllocation.executorIdleTimeout": "60s",
        # executors of a driver that hangs end within a minute
        "spark.executor.heartbeat.maxFailures": "3",
        # one that must go hands what it holds to others, and goes even where there is no other
        "spark.decommission.enabled": "true",
        "spark.storage.decommission.enabled": "true",
        "spark.storage.decommission.replicationReattemptInterval": "5s",  # in half a minute others wait for its place
        "spark.executor.decommission.forceKillTimeout": f"{DECOMMISSION_SECONDS}s",
    }


def _encryption(spark_version: str) -> dict[str, str]:
    version = tuple(int(part) for part in spark_version.split(".")[:3])
    cipher = (
        {"spark.network.crypto.cipher": "AES/GCM/NoPadding"}
        if version >= (3, 5, 9)
        else {"spark.network.crypto.cipher": "AES/CTR/NoPadding", "spark.network.crypto.authEngineVersion": "2"}
    )
    # each session has a secret of its own, made by Spark
    return cipher | {
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
        "spark.io.encryption.enabled": "true",
    }


def _kubernetes(settings: Settings, template: Path | None) -> dict[str, str]:
    needed = ("pod_name", "pod_namespace", "pod_ip", "spark_executor_image")
    missing = [name.upper() for name in needed if not getattr(settings, name)]
    if missing or template is None:
        raise UserError(
            f"SPARK_MASTER_URL is {settings.spark_master_url} but {', '.join(missing) or 'an executor template'} is not"
            " set; run this in a pod of the platform, or set SPARK_MASTER_URL=local[*]"
        )
    options = {
        "namespace": settings.pod_namespace,
        "driver.pod.name": settings.pod_name,  # executors belong to this pod and go with it
        "container.image": settings.spark_executor_image,
        "container.image.pullPolicy": "IfNotPresent",
        "authenticate.executor.serviceAccountName": "executor",
        "executor.podTemplateFile": str(template),
        "executor.podTemplateContainerName": "executor",
        "decommission.script": "/usr/local/bin/decommission-executor",
        "executor.request.cores": "100m",
        "executor.limit.cores": "2",
        # with these two the account needs no rights over ConfigMaps and Services
        "executor.disableConfigMap": "true",
        "driver.service.deleteOnTermination": "false",
    }
    return {f"spark.kubernetes.{name}": str(value) for name, value in options.items()}
