"""Bronze lands bytes as they are, once, and says in one sentence what is wrong with a delivery."""

import io
import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from dataops.errors import UserError
from dataops.s3 import S3Client
from jobs import flights_bronze, flights_gold, flights_silver
from jobs._delivery import COLUMNS, MANIFEST, landed_rows, prefix, rows_of
from jobs._job import checked_load, command, report

LOAD = "2013-12-31"
FILES = {name: (",".join(columns) + "\n" + ",".join(columns) + "\n").encode() for name, columns in COLUMNS.items()}
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w") as archive:
    archive.writestr("flights.csv", FILES["flights.csv.zip"] * 1)
FILES["flights.csv.zip"] = buffer.getvalue()
more = io.BytesIO()
with zipfile.ZipFile(more, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("flights.csv", FILES["airports.csv"] * 99)
DAMAGED = more.getvalue().replace(more.getvalue()[41:60], b"\xff" * 19)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small delivery in the place of the package's."""
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(flights_bronze, "package_folder", lambda: tmp_path)
    return tmp_path


def test_the_package_holds_what_is_expected(delivery: dict[str, bytes]) -> None:
    rows = {name: len(rows_of(name, data)) for name, data in delivery.items()}
    assert rows == {
        "flights.csv.zip": 336_776,
        "weather.csv": 26_115,
        "planes.csv": 3_322,
        "airports.csv": 1_458,
        "airlines.csv": 16,
    }


@pytest.mark.usefixtures("folder")
def test_files_are_landed_byte_for_byte(s3: S3Client) -> None:
    flights_bronze.main(LOAD)
    assert {name: s3.read_bytes(prefix(LOAD) + name) for name in FILES} == FILES
    assert json.loads(s3.read_bytes(prefix(LOAD) + MANIFEST))["planes.csv"]["rows"] == 1
    assert landed_rows(s3, LOAD, "planes.csv") == [",".join(COLUMNS["planes.csv"])]


@pytest.mark.usefixtures("folder")
def test_landing_the_same_again_writes_nothing(s3: S3Client, caplog: pytest.LogCaptureFixture) -> None:
    flights_bronze.main(LOAD)
    with caplog.at_level("INFO", "jobs"):
        flights_bronze.main(LOAD)
    assert caplog.records[-1].__dict__["files_written"] == 0


def test_other_bytes_for_the_same_load_are_refused_and_change_nothing(s3: S3Client, folder: Path) -> None:
    flights_bronze.main(LOAD)
    (folder / "airlines.csv").write_bytes(FILES["airlines.csv"] + b"XX,Another\n")
    with pytest.raises(
        UserError, match=r"already holds another _delivery\.json, airlines\.csv; land .* another --load"
    ):
        flights_bronze.main(LOAD)
    assert s3.read_bytes(prefix(LOAD) + "airlines.csv") == FILES["airlines.csv"]
    flights_bronze.main("2014-01-01")
    assert s3.read_bytes(prefix("2014-01-01") + "airlines.csv").endswith(b"Another\n")


@pytest.mark.usefixtures("folder")
def test_a_load_that_was_cut_off_is_finished_by_the_next_run(s3: S3Client) -> None:
    s3.write_bytes(prefix(LOAD) + "planes.csv", FILES["planes.csv"])
    with pytest.raises(UserError, match="is not in the lake; land it with: python -m jobs.flights_bronze"):
        landed_rows(s3, LOAD, "planes.csv")
    flights_bronze.main(LOAD)
    assert landed_rows(s3, LOAD, "weather.csv")


@pytest.mark.usefixtures("folder")
def test_a_file_damaged_in_the_lake_is_named(s3: S3Client) -> None:
    flights_bronze.main(LOAD)
    s3.write_bytes(prefix(LOAD) + "flights.csv.zip", FILES["flights.csv.zip"][:100])
    with pytest.raises(UserError, match=r"2013-12-31/flights\.csv\.zip is not the file that was landed \(100 bytes of"):
        landed_rows(s3, LOAD, "flights.csv.zip")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("manifest", [b"", b"{", b"[1]"])
def test_a_manifest_that_is_not_readable_is_named(s3: S3Client, manifest: bytes) -> None:
    flights_bronze.main(LOAD)
    s3.write_bytes(prefix(LOAD) + MANIFEST, manifest)
    with pytest.raises(UserError, match=f"^{prefix(LOAD)}{MANIFEST} is not readable; remove {prefix(LOAD)} and land"):
        landed_rows(s3, LOAD, "planes.csv")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("job", [flights_silver, flights_gold], ids=lambda job: job.__name__)
def test_a_job_whose_load_was_not_landed_says_how_to_land_it_and_starts_no_spark(
    s3: S3Client, job: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "session", lambda *_, **__: pytest.fail("Spark would start"))
    with pytest.raises(
        UserError, match=f"^load {LOAD} is not in the lake; land it with: python -m jobs.flights_bronze"
    ):
        job.main(LOAD)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--load", "2013-02-30"], "--load is '2013-02-30'; give a day written YYYY-MM-DD, such as 2013-12-31"),
        (["--load", LOAD], "S3_ENDPOINT_URL is not set; give the pod the ConfigMap dataops-env"),
    ],
)
def test_a_job_that_is_refused_ends_with_one_line_and_a_code(
    words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("S3_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(sys, "argv", ["job", *words])
    monkeypatch.setattr("jobs._job.configure_logging", lambda: None)  # it would outlive this test
    with pytest.raises(SystemExit) as ended:
        command(flights_silver.main, None)
    assert ended.value.code == f"error: {sentence}"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("airlines.csv", b"code,name\nUA,United\n", "airlines.csv has the columns 'code,name' where 'carrier,name'"),
        ("airlines.csv", b"", "airlines.csv has the columns ''"),
        ("airlines.csv", b"carrier,name\nUA,Uni", "airlines.csv is truncated"),
        ("airlines.csv", b"carrier,name\nUA,\xff\xfe\n", "airlines.csv is truncated or not a readable file"),
        ("flights.csv.zip", FILES["flights.csv.zip"][:-30], "flights.csv.zip is truncated or not a readable file"),
        ("airlines.csv", b"carrier,name\n", "airlines.csv holds no row below its header; ask for a new delivery of it"),
        ("flights.csv.zip", DAMAGED, "flights.csv.zip is truncated or not a readable file (Error -3 while decompress"),
        ("flights.csv.zip", b"no zip", "flights.csv.zip is truncated or not a readable file"),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_landed(
    s3: S3Client, folder: Path, name: str, data: bytes, message: str
) -> None:
    (folder / name).write_bytes(data)
    with pytest.raises(UserError) as error:
        flights_bronze.main(LOAD)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert s3.list_objects(prefix(LOAD)) == []


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "planes.csv").unlink()
    with pytest.raises(UserError, match="lacks planes.csv"):
        flights_bronze.delivered_files(folder)


@pytest.mark.parametrize("load", ["yesterday", "20131231", "2013-02-30", "../silver", ""])
def test_a_load_is_a_day(load: str) -> None:
    with pytest.raises(UserError, match="YYYY-MM-DD"):
        checked_load(load)


def test_a_stage_whose_rows_do_not_add_up_fails() -> None:
    with pytest.raises(RuntimeError, match="3 rows in, but 1 out"):
        report("silver", LOAD, rows_in=3, rows_out=1, rejected={"duplicate": 1})
