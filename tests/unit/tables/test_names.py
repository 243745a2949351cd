"""Tables: names, places and addresses, without a database."""

from pathlib import Path

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables import rows, table_at, table_location, tables_touching
from dataops.tables.database import catalog_cursor, sqlalchemy_url

SETTINGS = Settings.model_construct(lake_catalog_uri="postgresql://db:5432/lake", lake_catalog_user="lake_job")
PLACES = {"silver.flights": "s3a://data-lake/silver/flights", "sandbox.t": "s3a://data-lake/sandbox/_tables/t"}


@pytest.fixture
def placed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_locations", lambda settings: PLACES)


@pytest.mark.parametrize("name", ["flights", "lake.silver.flights", "Silver.flights", "silver.", "silver.a b"])
def test_what_is_no_name_of_a_table_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="is no name of a table"):
        table_location(name, SETTINGS)


def test_tables_lie_where_their_name_says() -> None:
    assert {name: table_location(name, SETTINGS) for name in PLACES} == PLACES


@pytest.mark.parametrize("path", ["silver/flights", "silver/flights/", "s3://data-lake/silver/flights"])
def test_a_path_finds_its_table(placed: None, path: str) -> None:
    assert table_at(path, SETTINGS) == "silver.flights"


@pytest.mark.parametrize("path", ["silver/flights2", "silver", "s3a://other/silver/flights", "silver/flights/data"])
def test_another_path_is_no_table(placed: None, path: str) -> None:
    assert table_at(path, SETTINGS) is None


@pytest.mark.parametrize("path", ["silver", "silver/flights", "silver/flights/data/x", "s3a://data-lake/"])
def test_a_write_around_or_inside_a_table_touches_it(placed: None, path: str) -> None:
    assert "silver.flights" in tables_touching(path, SETTINGS)


def test_a_write_beside_tables_touches_none(placed: None) -> None:
    assert tables_touching("silver/flights2", SETTINGS) == tables_touching("sandbox/me", SETTINGS) == []


def test_without_a_catalog_no_path_is_a_table() -> None:
    assert table_at("silver/flights", Settings.model_construct()) is None


def test_the_address_for_pyiceberg_names_its_driver_and_no_password() -> None:
    told = SETTINGS.model_copy(update={"pgsslmode": "verify-full", "pgsslrootcert": Path("/ca")})
    assert sqlalchemy_url(told) == (
        "postgresql+psycopg2://lake_job@db:5432/lake?sslmode=verify-full&connect_timeout=10&sslrootcert=/ca"
    )


def test_a_catalog_out_of_reach_is_named() -> None:
    gone = SETTINGS.model_copy(update={"lake_catalog_uri": "postgresql://127.0.0.1:9/lake"})
    with pytest.raises(UserError, match="the catalog at postgresql://127.0.0.1:9/lake refuses user lake_job"):
        with catalog_cursor(gone):
            raise AssertionError("connected to a closed port")
    with pytest.raises(UserError, match="LAKE_CATALOG_USER is not set"):
        with catalog_cursor(gone.model_copy(update={"lake_catalog_user": None})):
            raise AssertionError("connected without a user")
