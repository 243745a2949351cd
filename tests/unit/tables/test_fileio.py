"""Tables on a store that wants V2 signatures, which PyArrow cannot write: their files go whole, by boto3."""

from collections.abc import Iterator
from typing import cast

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame

from dataops.config import Settings
from dataops.engine.single import single_session
from dataops.s3 import S3Client
from dataops.tables import Column, Table, arrow, history, publish, read_pandas
from dataops.tables.fileio import LakeFileIO
from dataops.testing.faulty_s3 import Fault, FaultyS3

FILE = "s3a://data-lake/silver/x/file"
DAYS = Table("silver.days", (Column("day", "int"), Column("v", "bigint")), "us", "Days.", ("day",))


@pytest.fixture
def s3_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A store that knows the older signature only, named in the environment."""
    with FaultyS3([Fault.V2_ONLY]) as store:
        monkeypatch.setenv("S3_ENDPOINT_URL", store.url)
        monkeypatch.setenv("S3_ACCESS_KEY_ID", store.access_key)
        monkeypatch.setenv("S3_SECRET_ACCESS_KEY", store.secret_key)
        monkeypatch.setenv("AWS_S3_SIGNATURE_VERSION", "s3")
        monkeypatch.delenv("DATAOPS_CA_BUNDLE", raising=False)
        yield Settings.load()


def test_a_table_is_published_and_read(lake_on_s3: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "check_may_write", lambda table, settings: None)
    for day in (1, 2, 2):  # the same day once more replaces it
        rows = pa.table({"day": pa.array([day] * 3, pa.int32()), "v": [1, 2, 3]})
        with single_session() as session:
            publish(cast(DataFrame, session.frame(rows)), DAYS)
    assert read_pandas("silver.days").groupby("day").size().to_dict() == {1: 3, 2: 3}
    assert len(history("silver.days")) >= 3


def test_a_file_is_there_as_a_whole_or_not_at_all(s3_settings: Settings) -> None:
    files = LakeFileIO()
    with pytest.raises(FileNotFoundError, match="silver/x/file"):
        files.new_input(FILE).open()
    with pytest.raises(KeyError), files.new_output(FILE).create() as stream:
        stream.write(b"half")
        raise KeyError
    assert not files.new_input(FILE).exists()
    output = files.new_output(FILE)
    with output.create() as stream:
        stream.write(b"whole")
    assert files.new_input(FILE).open().read() == b"whole"
    assert len(output) == len(files.new_input(FILE)) == 5
    with pytest.raises(FileExistsError, match="silver/x/file"):
        files.new_output(FILE).create()
    files.delete(files.new_input(FILE))
    assert not S3Client(s3_settings).exists(FILE)
