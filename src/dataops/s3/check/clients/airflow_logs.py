"""Airflow's handler of task logs, with the connection that its chart gives it."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dataops.config import Settings, export
from dataops.s3 import S3Client
from dataops.s3.check.clients.trial import BODY, attempt
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS = "airflow-logs", 70, "airflow"
WHERE = "Airflow's own image; the smoke run's check task_log proves it on the running platform"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Hand a log over to the store and read it there."""
    key, secret = settings.s3_keys()
    config = {
        "signature_version": settings.aws_s3_signature_version,
        "s3": {"addressing_style": settings.s3_addressing_style},
    }
    extra = {"endpoint_url": settings.s3_endpoint_url, "region_name": settings.s3_region, "config_kwargs": config}
    if bundle := settings.ca_bundle():
        extra["verify"] = str(bundle)
    connection = {"conn_type": "aws", "login": key, "password": secret, "extra": extra}
    export(AIRFLOW_CONN_S3_CHECK=json.dumps(connection), AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID="s3_check")
    from airflow.providers.amazon.aws.log.s3_task_handler import S3RemoteLogIO

    def work() -> bytes:
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "task.log").write_bytes(BODY)
            base = f"s3://{settings.s3_bucket}/{folder}"
            handler = S3RemoteLogIO(remote_base=base, base_log_folder=Path(name), delete_local_copy=False)
            if not handler.write(BODY.decode(), f"{base}/task.log"):
                raise RuntimeError("the log was not handed over")
            read: str = handler.s3_read(f"{base}/task.log", return_error=False)
        S3Client(settings).delete(f"{folder}/task.log")
        return read.encode()

    yield attempt(TITLE, work, consequence="logs of tasks vanish with their pods")
