"""Tables of Iceberg with the session's options: a file a partition, a size of files, and no file read in vain."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.jars import locked_jars
from dataops.config import Settings
from dataops.spark.report import Run, why
from tests.integration.programs import partitions


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the program has written its table and its log."""
    made = tmp_path_factory.mktemp("partitions")
    (made / "log").mkdir()
    classpath = ":".join(map(str, locked_jars()))
    command: list[str | Path] = [sys.executable, partitions.__file__, made, classpath]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return made


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """What its event log says."""
    (log,) = (folder / "log").iterdir()
    return why(str(log), Settings.model_construct())[0]


def test_eight_tasks_write_a_file_a_day(folder: Path) -> None:
    """Rows are spread by the partition before the write; as they come, each task would write a file a day."""
    files = [path.parent.name for path in (folder / "warehouse/silver/days/data").rglob("*.parquet")]
    assert sorted(files) == [f"day={day}" for day in range(4)]


def test_one_day_is_one_file_read(run: Run) -> None:
    (read,) = run.plans.files_read()
    assert (read.count, read.place) == (1, "lake.silver.days")


def test_a_new_table_knows_the_size_of_its_files(folder: Path) -> None:
    metadata = (folder / "warehouse/silver/days/metadata").glob("v*.metadata.json")
    assert all(f'"write.target-file-size-bytes":"{256 << 20}"' in path.read_text(encoding="utf-8") for path in metadata)
