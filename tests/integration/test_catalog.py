"""The catalog's database: who may sign in, read and write which table."""

from collections.abc import Callable

import psycopg2
import pyarrow as pa
import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables import Column, Table, apply, check_may_write, load_table, table_at, tag
from dataops.tables.database import catalog_cursor
from tests.integration.programs.faults import between
from tests.integration.services import Services

SignIn = Callable[[str], Settings]
INSERT = (
    "insert into iceberg_tables values ('lake', %s, %s, 's3a://data-lake/' || %s || '/metadata/1.json', null, 'TABLE')"
)


def test_a_job_may_write_everywhere_and_a_notebook_its_sandbox(catalog: Services, sign_in: SignIn) -> None:
    job, notebook = sign_in("job"), sign_in("notebook")
    sign_in("job")
    for table in ("silver.x", "gold.x", "sandbox.x"):
        check_may_write(table, job)
    sign_in("notebook")
    check_may_write("sandbox.x", notebook)
    with pytest.raises(UserError, match="lake_notebook may not write tables of silver; write to sandbox"):
        check_may_write("silver.x", notebook)


def test_asking_leaves_no_trace(catalog: Services, sign_in: SignIn) -> None:
    settings = sign_in("job")
    check_may_write("silver.x", settings)
    with catalog_cursor(settings) as cursor:
        cursor.execute("select count(*) from iceberg_tables where table_name like 'may-write-%'")
        assert cursor.fetchone() == (0,)


def test_the_database_itself_refuses_a_notebook(catalog: Services, sign_in: SignIn) -> None:
    with catalog_cursor(sign_in("job")) as cursor:
        cursor.execute(INSERT, ("silver", "kept", "silver/kept"))
    settings = sign_in("notebook")
    assert table_at("silver/kept", settings) == "silver.kept"
    for statement in (
        "update iceberg_tables set metadata_location = 'x' where table_namespace = 'silver'",
        "delete from iceberg_tables where table_namespace = 'silver'",
    ):
        with catalog_cursor(settings) as cursor:
            cursor.execute(statement)
            assert cursor.rowcount == 0
    for namespace in ("silver", "gold"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), catalog_cursor(settings) as cursor:
            cursor.execute(INSERT, (namespace, "mine", f"{namespace}/mine"))
    for statement in ("drop table iceberg_tables", "alter table iceberg_tables disable row level security"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), catalog_cursor(settings) as cursor:
            cursor.execute(statement)
    with catalog_cursor(sign_in("job")) as cursor:
        cursor.execute("delete from iceberg_tables where table_name = 'kept'")
        assert cursor.rowcount == 1


def test_a_wrong_password_ca_or_table_is_named(
    catalog: Services, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = sign_in("job")
    with pytest.raises(UserError, match="there is no table silver.nothing"):
        load_table("silver.nothing")
    wrong = settings.model_copy(update={"pgsslrootcert": catalog.folder / "other-ca/ca-bundle.crt"})
    with pytest.raises(UserError, match="refuses user lake_job .*certificate.*PGSSLROOTCERT"):
        table_at("silver/x", wrong)
    monkeypatch.setenv("PGPASSFILE", "/dev/null")
    with pytest.raises(UserError, match="refuses user lake_job .*PGPASSFILE"):
        table_at("silver/x", settings)
    with pytest.raises(UserError, match="refuses user lake_job .*PGPASSFILE"):
        load_table("silver.nothing")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_lost_at_any_message_is_one_sentence(
    catalog: Services, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    sign_in("job")
    table = Table("silver.lost", (Column("id", "int"),), "tests", "Lost.")
    apply(table)
    load_table(table.name).append(pa.table({"id": pa.array([1], pa.int32())}))
    with between() as faults:
        settings = Settings.load()
        asked: list[Callable[[], object]] = [
            lambda: table_at("silver/lost", settings),
            lambda: load_table(table.name),
            lambda: tag(table.name, when),
        ]
        for number, ask in enumerate(asked):
            step, said = 0, list[str]()
            while not step or faults.catalog.reached():
                step += 1
                faults.catalog.arm(step, when, "once")
                try:
                    ask()
                except UserError as error:  # any other one is a failure of this test
                    said.append(str(error))
            assert said and all("refuses user" in words or "broke off (" in words for words in said), (number, said)
            assert any("broke off (" in words for words in said), (number, said)
