"""Tables without a JVM: the catalog and a table of it, as pyiceberg sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.access import check_may_write
from dataops.tables.database import broken_off, refusal, sqlalchemy_url
from dataops.tables.names import split_name

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table


@contextmanager
def lake_catalog(settings: Settings) -> Iterator[Catalog]:
    """Open the catalog of the lake.

    Raises:
        UserError: it is not configured, cannot be reached, lets one not in, or breaks off.
    """
    from pyiceberg.catalog import load_catalog

    with _told(settings):
        catalog = load_catalog(
            CATALOG,
            **{
                "type": "sql",
                "uri": sqlalchemy_url(settings),
                "init_catalog_tables": "false",
                "warehouse": f"s3a://{settings.s3_bucket}",
                "py-io-impl": "dataops.tables.fileio.LakeFileIO",
            },
        )
        with closing(catalog):  # a table that outlives it connects again where it must
            yield catalog


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    from sqlalchemy.exc import InterfaceError, OperationalError

    try:
        yield
    except (OperationalError, InterfaceError) as error:
        sentence = refusal if error.statement is None else broken_off  # without one it was not let in yet
        raise UserError(sentence(settings, error.orig)) from None


def ensure_namespace(catalog: Catalog, table: str) -> None:
    """Make the namespace of a table; it may be there, or another process may make it at the same moment."""
    from pyiceberg.exceptions import NamespaceAlreadyExistsError
    from sqlalchemy.exc import IntegrityError

    try:
        catalog.create_namespace(split_name(table)[0])
    except (NamespaceAlreadyExistsError, IntegrityError):
        return


def load_table(table: str) -> Table:
    """Return pyiceberg's view of a table: scan it with pandas, Polars or DuckDB.

    Raises:
        UserError: there is no such table, or the catalog cannot be reached.
    """
    from pyiceberg.exceptions import NoSuchTableError

    split_name(table)
    settings = Settings.load()
    with lake_catalog(settings) as catalog:
        try:
            return catalog.load_table(table)
        except NoSuchTableError:
            raise UserError(no_such_table(table)) from None
        except OSError as error:
            raise UserError(
                f"the metadata of table {table} cannot be read at {settings.s3_endpoint_url} ({error});"
                " check the keys of S3, then the backups of the bucket"
            ) from error


@contextmanager
def writing(table: str) -> Iterator[Table]:
    """Load a table to change it: whether one may is asked first, and what others did meanwhile is one sentence.

    Raises:
        UserError: there is no such table, the account may not write it, somebody else wrote at the same time, or the
            catalog broke off.
    """
    from pyiceberg.exceptions import CommitFailedException

    settings = Settings.load()
    check_may_write(table, settings)
    try:
        with _told(settings):
            yield load_table(table)
    except CommitFailedException:
        raise UserError(f"table {table} was changed by somebody else meanwhile; run the same again") from None


def table_names() -> list[str]:
    """Return the name of every table of the lake.

    Raises:
        UserError: the catalog cannot be reached.
    """
    with lake_catalog(Settings.load()) as catalog:
        namespaces = [namespace for namespace in catalog.list_namespaces() if len(namespace) == 1]
        return sorted(".".join(table) for namespace in namespaces for table in catalog.list_tables(namespace))


def current_snapshot(table: str) -> int:
    """Return the id of a table's current snapshot.

    Raises:
        UserError: there is no such table, or nothing was ever written to it.
    """
    snapshot = load_table(table).current_snapshot()
    if snapshot is None:
        raise UserError(f"table {table} has no snapshot yet; publish rows to it first")
    return snapshot.snapshot_id


def no_such_table(table: str) -> str:
    """Return the sentence about a table that is not there."""
    return f"there is no table {table} in the lake; list them with: dataops tables ls"
