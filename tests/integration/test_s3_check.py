"""`dataops s3 check` says of real stores what was reviewed: of MinIO in the image of jobs, of versitygw from here."""

import json
from collections.abc import Callable
from pathlib import Path

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.s3.check import Report, check
from tests.integration.gateway import gateway
from tests.unit.s3.checked import statuses

EXPECTED = Path(__file__).parent / "expected"


def test_minio_is_as_it_was_reviewed(spark: Callable[..., str], sign_in: Callable[[str], Settings]) -> None:
    said = spark("job", "-m", "dataops.s3.check")
    report = Report.of(json.loads(said.rpartition("RESULT ")[2]))
    assert statuses(report) == json.loads((EXPECTED / "minio.json").read_text(encoding="utf-8"))
    assert not report.failed and not S3Client(sign_in("job")).list_objects("sandbox/_s3check/")


def test_versitygw_is_as_it_was_reviewed() -> None:
    with gateway() as settings:
        report = check(settings)
        assert statuses(report) == json.loads((EXPECTED / "versitygw.json").read_text(encoding="utf-8"))
        assert not report.failed and not S3Client(settings).list_objects("")
