"""A store that fails, and each client of it: what comes is right or one failure, nothing is torn or half there."""

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import polars as pl
import pyarrow as pa
import pytest

from dataops import tables
from dataops.config import Settings
from dataops.engine.single import single_session
from dataops.s3 import S3Client, clients
from dataops.tables.verify import verify
from tests.integration.full.upkeep import look_after
from tests.integration.programs.faults import between
from tests.integration.services import Services
from tests.integration.store_faults import FAULTS, SLOW, name, rules
from tests.mlflow.server import Server, served

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MINUTES = pytest.mark.timeout(1200)


class Client(Protocol):
    """One client and the one thing it reads and writes; `version` and `before` fail if that is not whole."""

    def write(self, version: int) -> None:
        """Put a version in the place of the one that is there."""

    def version(self) -> int:
        """Which version is read."""

    def before(self) -> int:
        """Which version is read by who asks for the first one."""


def payload(version: int, size: int) -> bytes:
    """Bytes that cannot be packed, the same each time."""
    return random.Random(version).randbytes(size)


class Objects:
    """S3Client on object_store, or with V2 signatures on boto3; large objects go in parts."""

    def __init__(self, client: str, fault: str) -> None:
        signature = {"objects": "s3v4", "boto3": "s3"}[client]
        self._s3 = S3Client(Settings.load().model_copy(update={"aws_s3_signature_version": signature}))
        self._key, self._size = f"bronze/{name(client, fault)}", 1_000_000 if fault == SLOW else 9_000_000

    def write(self, version: int) -> None:
        """Write the object."""
        self._s3.write_bytes(self._key, payload(version, self._size))

    def version(self) -> int:
        """Read it."""
        return [payload(version, self._size) for version in (0, 1)].index(self._s3.read_bytes(self._key))

    def before(self) -> int:
        """An object has no versions: it is one of the two."""
        return min(self.version(), 0)


class Rows:
    """A table that is published without a JVM, read with Polars or DuckDB; Polars scans its file on its own, too."""

    def __init__(self, client: str, fault: str) -> None:
        self._client, self._table, self._first = client, f"silver.{name(client, fault)}", 0

    def write(self, version: int) -> None:
        """Publish rows."""
        text = [payload(1000 * version + number, 1000).hex() for number in range(200)]
        rows = pa.table({"version": [version] * 200, "text": text})
        with single_session() as session:
            made = tables.publish(cast("DataFrame", session.frame(rows)), self._table)
        self._first = self._first or made

    def version(self) -> int:
        """Read the current snapshot."""
        return self._read(None)

    def before(self) -> int:
        """Read the first snapshot."""
        assert verify(self._table) == []
        return self._read(self._first)

    def _read(self, snapshot: int | None) -> int:
        if self._client == "duckdb":
            found = tables.read_duckdb(self._table, snapshot_id=snapshot).pl()
        else:
            found = tables.read_polars(self._table, snapshot_id=snapshot)
            paths = [
                task.file.file_path for task in tables.load_table(self._table).scan(snapshot_id=snapshot).plan_files()
            ]
            options: Any = clients.polars_options(Settings.load(), "data-lake")
            assert (
                pl.scan_parquet([path.replace("s3a:", "s3:") for path in paths], storage_options=options)
                .collect()
                .sort("text")
                .equals(found.sort("text"))
            )
        (version,) = set(found["version"])
        assert sorted(found["text"]) == sorted(payload(1000 * version + number, 1000).hex() for number in range(200))
        return int(version)


class Artifacts:
    """A file that runs keep in MLflow, whose server puts it into the store."""

    def __init__(self, server: Server, folder: Path, fault: str) -> None:
        from mlflow import MlflowClient

        self._client, self._name, self._folder = MlflowClient(server.url), name("mlflow", fault), folder
        self._experiment = self._client.create_experiment(self._name)
        self._runs: list[str] = []

    def write(self, version: int) -> None:
        """Log the file to a run of its own, which counts when that has ended."""
        run = self._client.create_run(self._experiment).info.run_id
        path = self._folder / str(version) / self._name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(payload(version, 1_000_000))
        self._client.log_artifact(run, str(path))
        self._runs.append(run)

    def version(self) -> int:
        """Load that of the newest run."""
        return self._read(self._runs[-1])

    def before(self) -> int:
        """Load that of the first run; no run has a part of one."""
        for run in self._client.search_runs([self._experiment]):
            assert {each.file_size for each in self._client.list_artifacts(run.info.run_id)} <= {1_000_000}
        return self._read(self._runs[0])

    def _read(self, run: str) -> int:
        (target := self._folder / f"from-{run}").mkdir(exist_ok=True)
        found = Path(self._client.download_artifacts(run, self._name, str(target))).read_bytes()
        return [payload(version, 1_000_000) for version in (0, 1)].index(found)


Outcome = tuple[Client, dict[str, str]]


@pytest.fixture(scope="module")
def outcomes(catalog: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Outcome]]:
    """What every client meets with every fault, all at once; afterwards the store is well."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in catalog.environment("job").items():
            patch.setenv(variable, value)
        with between() as faults:
            store = {
                "MLFLOW_ARTIFACTS_DESTINATION": "s3://data-lake/mlflow",
                "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE": "path",
                "AWS_ENDPOINT_URL_S3": faults.store.url,
                "AWS_REGION": "us-east-1",
                "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
                "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
                "AWS_ACCESS_KEY_ID": "root",
                "AWS_SECRET_ACCESS_KEY": catalog.root_key,
            }
            folder = tmp_path_factory.mktemp("mlflow")
            with served(folder, store=store) as server:
                for variable, value in server.as_job().items():
                    patch.setenv(variable, value)
                made: dict[tuple[str, str], Client] = {}
                for fault in FAULTS:
                    made |= {(client, fault): Objects(client, fault) for client in ("objects", "boto3")}
                    made |= {(client, fault): Rows(client, fault) for client in ("polars", "duckdb")}
                    made["mlflow", fault] = Artifacts(server, folder, fault)
                with ThreadPoolExecutor(8) as pool:
                    list(pool.map(lambda client: client.write(0), made.values()))
                faults.store.rules[:] = [rule for client in {client for client, _ in made} for rule in rules(client)]
                with ThreadPoolExecutor(len(made)) as pool:
                    said = dict(zip(made, pool.map(_attempt, made.values()), strict=True))
                happened = {rule.path: 0 for rule in faults.store.rules}
                for rule in faults.store.rules:
                    happened[rule.path] += rule.happened
                print(json.dumps({f"{name(*cell)} met {happened[name(*cell)]}": said[cell] for cell in made}, indent=1))
                assert all(happened.values()), happened
                faults.disarm()
                yield {cell: (client, said[cell]) for cell, client in made.items()}


def _attempt(client: Client) -> dict[str, str]:
    said = {}
    for what, work in (("read", client.version), ("write", lambda: client.write(1))):
        try:
            found = work()
            assert what == "write" or found == 0
        except (AssertionError, ValueError):  # neither version: something was torn
            raise
        except Exception as error:
            said[what] = f"{type(error).__name__}: {error}"
    return said


@MINUTES
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("client", ["objects", "boto3", "polars", "duckdb", "mlflow"])
def test_a_faulty_store_tears_nothing(outcomes: dict[tuple[str, str], Outcome], client: str, fault: str) -> None:
    found, said = outcomes[client, fault]
    assert all(len(words.splitlines()) == 1 for words in said.values()), said
    assert found.version() == 1 or said.get("write"), said
    assert found.before() == 0
    found.write(1)
    assert found.version() == 1


def test_maintenance_leaves_nothing_of_it(
    outcomes: dict[tuple[str, str], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    look_after(
        monkeypatch, *(f"silver.{name(*cell)}" for cell, (client, _) in outcomes.items() if isinstance(client, Rows))
    )


@MINUTES
def test_spark_on_a_faulty_store(
    sign_in: Callable[[str], Settings], spark: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("job")
    out = spark("job", "-m", "tests.integration.programs.store_faults", patience=1100)
    print(out)
    ended = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert [each["fault"] for each in ended] == list(FAULTS) and all(each["met"] for each in ended), ended
    look_after(monkeypatch, *(f"silver.{name('spark', fault)}" for fault in FAULTS))
