"""Why a job was slow, said from real event logs: each reason is found in the job that has it, none in a healthy one."""

import json
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client
from dataops.spark import report as reports
from dataops.spark.report import Finding, findings, why
from dataops.spark.report.log import lines
from tests.unit.spark import slow_jobs

NOWHERE = Settings.model_construct()
# the job, the reason, and words that say it
EXPECTED = [
    ("slow_task", "one slow task", "see whether its executor or node is slow"),
    ("skewed", "skew", "because rows are spread by customer. The stage waited"),
    ("spilled", "spill", "did not fit into the executors' memory and went to disk"),
    ("small_files", "small files read", "60 files of 5"),
    ("small_files", "small files written", "/data/crumbs. Writing, committing"),
    ("collecting", "garbage collection", "went into garbage collection"),
    ("many_partitions", "too many partitions", "ran as 4,000 tasks of"),
    ("one_partition", "too few partitions", "as 1 task(s) on 2 cores"),
    (
        "failing",
        "failed tasks",
        "1 tasks failed and had to run again or ended the job (1 x PythonException: ValueError",
    ),
    ("alone", "driver alone", "Spark had no job to do"),
    ("alone", "idle executors", "2 executors were held for"),
]


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the event logs of the jobs, each in a folder of its name."""
    folder = tmp_path_factory.mktemp("slow-jobs")
    subprocess.run([sys.executable, slow_jobs.__file__, folder], check=True, capture_output=True, text=True)
    return folder / "logs"


def log_of(logs: Path, job: str) -> Path:
    """The one file or folder that Spark left."""
    (path,) = (logs / job).iterdir()
    return path


@pytest.fixture(autouse=True)
def sessions_of_tests_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataops.spark.report.whole.DRIVER_SECONDS", 10)
    monkeypatch.setattr("dataops.spark.report.whole.IDLE_CORE_SECONDS", 60)


@pytest.mark.parametrize(("job", "kind", "words"), EXPECTED, ids=[kind for _, kind, _ in EXPECTED])
def test_the_reason_is_found(logs: Path, job: str, kind: str, words: str) -> None:
    found = {one.kind: str(one) for one in why(str(log_of(logs, job)), NOWHERE)[1]}
    assert words in found.get(kind, ""), found


def test_a_healthy_job_has_no_reason_to_be_slow(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    run, found = why(str(log_of(logs, "healthy")), NOWHERE)
    assert found == [] and run.seconds > 0 and run.ended
    assert reports.report(run, found).endswith("- nothing that would make it slow was found.")


def test_a_reason_says_what_it_costs_and_what_to_do(logs: Path) -> None:
    run, found = why(str(log_of(logs, "skewed")), NOWHERE)
    (skew,) = [one for one in found if one.kind == "skew"]
    assert "it read 3," in skew.what and "rows where" in skew.what
    assert "waited up to" in skew.cost and skew.fix.startswith("Find the value of customer")
    assert reports.report(run, found).startswith(f"skewed ({run.id}) took ")


def test_a_filter_on_a_partition_reads_no_other_files(logs: Path) -> None:
    run, _ = why(str(log_of(logs, "pruned")), NOWHERE)
    assert [one.count for one in run.plans.files_written()] == [3]
    assert [one.count for one in run.plans.files_read()] == [1]


def kinds(found: list[Finding]) -> set[str]:
    return {one.kind for one in found}


def test_a_size_meant_for_less_is_said(logs: Path) -> None:
    run, found = why(str(log_of(logs, "healthy")), NOWHERE)
    assert run.profile == "small" and found == []
    next(iter(run.stages.values())).files_in += 3 << 30
    (size,) = findings(run)
    assert size.kind == "size" and "SPARK_PROFILE=medium" in size.fix
    run.profile = "large"
    assert findings(run) == []


def test_forms_of_a_log_say_the_same(logs: Path, tmp_path: Path) -> None:
    plain = log_of(logs, "many_partitions")
    assert len(list(plain.glob("events_*"))) > 1, "it is rolled"
    archive = tmp_path / "eventLogs.zip"  # as the history server gives it
    with zipfile.ZipFile(archive, "w") as file:
        for path in plain.iterdir():
            file.write(path, f"{plain.name}/{path.name}")
    whole = list(lines(str(plain), NOWHERE))
    assert list(lines(str(archive), NOWHERE)) == whole
    assert json.loads(whole[0])["Event"].endswith("LogStart") and json.loads(whole[-1])["Event"].endswith("End")


def test_a_compacted_log_stands_for_what_came_before(logs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_spark-1"
    folder.mkdir()
    for name, text in {
        "events_1_spark-1": "one",
        "events_2_spark-1": "two",
        "events_2_spark-1.compact": "both",
        "events_10_spark-1": "ten",
        "events_3_spark-1": "three",
        "appstatus_spark-1": "",
    }.items():
        (folder / name).write_text(f"{text}\n")
    assert list(lines(str(folder), NOWHERE)) == [b"both", b"three", b"ten"]


@pytest.mark.parametrize("job", ["small_files", "skewed", "one_partition"], ids=["zstd", "lz4", "plain"])
def test_a_log_that_ends_early_is_read_as_far_as_it_goes(logs: Path, tmp_path: Path, job: str) -> None:
    source = log_of(logs, job)
    if source.is_dir():
        (source,) = source.glob("events_*")
    cut = tmp_path / source.name
    cut.write_bytes(source.read_bytes()[:-2000])
    run, found = why(str(cut), NOWHERE)
    assert run.name == job and run.ended is None
    assert ", and its log does not say that it ended" in reports.report(run, found)


def test_a_log_is_read_from_the_store_by_the_id_of_its_application(
    logs: Path, s3: S3Client, s3_settings: Settings
) -> None:
    rolled, single = log_of(logs, "small_files"), log_of(logs, "skewed")
    for path in rolled.iterdir():
        s3.write_bytes(f"spark-events/{rolled.name}/{path.name}", path.read_bytes())
    s3.write_bytes(f"spark-events/{single.name}", single.read_bytes())
    application = rolled.name.removeprefix("eventlog_v2_")
    assert "small files read" in kinds(why(application, s3_settings)[1])
    assert "skew" in kinds(why(single.name.partition(".")[0], s3_settings)[1])
    assert "skew" in kinds(why(f"s3a://data-lake/spark-events/{single.name}", s3_settings)[1])
    with pytest.raises(UserError, match="spark-000 holds no event log of Spark"):
        why("spark-000", s3_settings)


def test_a_long_log_is_never_held(logs: Path) -> None:
    size = sum(path.stat().st_size for path in log_of(logs, "many_partitions").iterdir())
    tracemalloc.start()
    why(str(log_of(logs, "many_partitions")), NOWHERE)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 10 << 20 and most < size / 2


@pytest.fixture
def wrong(tmp_path: Path) -> Iterator[Path]:
    """A folder without a log, which goes with its test."""
    (tmp_path / "notes.txt").write_text("no log")
    yield tmp_path
    shutil.rmtree(tmp_path)


def test_what_is_no_log_is_said(wrong: Path) -> None:
    with pytest.raises(UserError, match="holds no event log of Spark"):
        why(str(wrong), NOWHERE)
    with pytest.raises(UserError, match="not/there is neither a file, a folder nor the id of an application"):
        why("not/there", NOWHERE)
    (wrong / "local-1.snappy").write_bytes(b"")
    with pytest.raises(UserError, match="compressed with snappy; logs are read plain, or with zstd or lz4"):
        why(str(wrong / "local-1.snappy"), NOWHERE)


def test_the_report_comes_from_the_command_line_too(logs: Path) -> None:
    command = [sys.executable, "-m", "dataops.spark.report"]
    done = subprocess.run([*command, log_of(logs, "failing")], capture_output=True, text=True, check=True)
    assert "- failed tasks: 1 tasks failed" in done.stdout
    gone = subprocess.run([*command, "not/there"], capture_output=True, text=True, check=False)
    assert gone.returncode == 1 and gone.stderr.startswith("error: not/there is neither")
