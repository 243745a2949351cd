"""What a job read and published, as an event of OpenLineage below lineage/ of the lake."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dataops import lineage
from dataops.config import Settings
from dataops.errors import UserError

PREFIX = "lineage/"
_PRODUCER = "urn:dataops"
_SPEC = "https://openlineage.io/spec"
_LOG = logging.getLogger(__name__)


@contextmanager
def recorded(job: str) -> Iterator[None]:
    """Write one event when the block ends, well or not; a store that refuses it is a warning, never the job's end.

    Args:
        job: the job's name, such as `flights_silver`.
    """
    try:
        yield
    except BaseException:
        _write(job, "FAIL")
        raise
    _write(job, "COMPLETE")


def event(job: str, kind: str, settings: Settings) -> dict[str, Any]:
    """Return the event: which job, in which run of which DAG, read and published what.

    Args:
        job: the job's name.
        kind: `COMPLETE` or `FAIL`.
        settings: where the lake is, and which run this is.
    """
    run: dict[str, Any] = {"runId": str(uuid4()), "facets": {}}
    if settings.dataops_run:
        run["facets"]["dataops_run"] = {**_facet("1-0-0/RunFacet.json"), "airflow": settings.dataops_run}
    return {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": _PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": run,
        "job": {"namespace": "dataops", "name": f"jobs.{job}"},
        "inputs": [_dataset(one, settings) for one in lineage.versions()],
        "outputs": [_dataset(one, settings) for one in lineage.published()],
    }


def _dataset(version: str, settings: Settings) -> dict[str, Any]:
    name, _, snapshot = version.partition("@")
    found: dict[str, Any] = {"namespace": f"s3://{settings.s3_bucket}", "name": name}
    if snapshot:
        facet = _facet("facets/1-0-1/DatasetVersionDatasetFacet.json")
        found["facets"] = {"version": {**facet, "datasetVersion": snapshot}}
    return found


def _facet(schema: str) -> dict[str, str]:
    return {"_producer": _PRODUCER, "_schemaURL": f"{_SPEC}/{schema}"}


def _write(job: str, kind: str) -> None:
    settings = Settings.load()
    if not settings.s3_endpoint_url:
        return
    from dataops.s3 import S3Client  # lazily: boto3 is for those that have a store

    told = event(job, kind, settings)
    path = f"{PREFIX}{told['eventTime'][:10]}/{job}-{told['run']['runId']}.json"
    try:
        S3Client(settings).write_bytes(path, json.dumps(told).encode())
    except UserError as error:
        _LOG.warning("no lineage was recorded: %s", error)
