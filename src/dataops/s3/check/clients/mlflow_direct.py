"""MLflow's own S3 client, which programs use that hold a key, and MLflow's server always."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataops.config import Settings, export
from dataops.s3.check.clients.trial import BODY, attempt
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS, WHERE = "mlflow-direct", 50, "mlflow", "make s3-check, which runs in the pod of a job"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Log, fetch and delete one artifact."""
    key, secret = settings.s3_keys()
    export(
        AWS_ACCESS_KEY_ID=key,
        AWS_SECRET_ACCESS_KEY=secret,
        AWS_DEFAULT_REGION=settings.s3_region,
        MLFLOW_S3_ENDPOINT_URL=settings.s3_endpoint_url or "",
        MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE=settings.s3_addressing_style,
        MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION=settings.aws_s3_signature_version,
    )
    from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

    repository: Any = S3ArtifactRepository(f"s3://{settings.s3_bucket}/{folder}")

    def work() -> bytes:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "artifact"
            path.write_bytes(BODY)
            repository.log_artifact(str(path))
            path.unlink()
            repository.download_artifacts("artifact", name)
            read = path.read_bytes()
        repository.delete_artifacts("artifact")
        return read

    yield attempt(TITLE, work, consequence="MLflow's server keeps no models and no files here")
