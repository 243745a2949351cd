"""Connections to the catalog's database; the password comes from the file that PGPASSFILE names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.errors import UserError

if TYPE_CHECKING:
    from psycopg2.extensions import cursor


@contextmanager
def catalog_cursor(settings: Settings) -> Iterator[cursor]:
    """Open a transaction, which is committed at the end and rolled back on an error.

    Raises:
        UserError: the catalog is not configured, not reachable, refuses to let one in, or breaks off.
    """
    import psycopg2
    from psycopg2.extensions import make_dsn

    try:
        connection = psycopg2.connect(make_dsn(settings.lake_catalog_uri, **_options(settings)))
    except psycopg2.OperationalError as error:
        raise UserError(refusal(settings, error)) from None
    try:
        with connection, connection.cursor() as opened:
            yield opened
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        # the rollback on a connection that is gone fails, too, and would hide why
        hidden = error.__context__ if isinstance(error, psycopg2.InterfaceError) else None
        raise UserError(broken_off(settings, hidden or error)) from None
    except psycopg2.errors.UndefinedTable:
        raise UserError(
            f"the catalog at {settings.lake_catalog_uri} has no tables yet; run: python -m dataops.tables.migrate"
        ) from None
    finally:
        connection.close()


def broken_off(settings: Settings, error: object) -> str:
    """Return the sentence about a database that was lost in the middle of a statement."""
    reason, _, _ = str(error).strip().partition("\n")
    return (
        f"the catalog at {settings.lake_catalog_uri} broke off ({reason}), so what was asked"
        " for may be done or not; do the same once more when the database answers again"
    )


def refusal(settings: Settings, error: object) -> str:
    """Return the sentence about a database that lets nobody in."""
    return (
        f"the catalog at {settings.lake_catalog_uri} refuses user {settings.lake_catalog_user}"
        f" ({str(error).strip().splitlines()[0]}); check LAKE_CATALOG_URI, PGPASSFILE and"
        f" PGSSLROOTCERT (it is {settings.pgsslrootcert or 'not set'})"
    )


def sqlalchemy_url(settings: Settings) -> str:
    """Return the catalog's address as pyiceberg wants it; the driver is named, or it would be another one."""
    options = _options(settings)
    scheme, _, rest = str(settings.lake_catalog_uri).partition("://")
    query = "&".join(f"{name}={value}" for name, value in options.items() if name != "user")
    return f"{scheme}+psycopg2://{options['user']}@{rest}?{query}"


def _options(settings: Settings) -> dict[str, str]:
    if not settings.lake_catalog_uri or not settings.lake_catalog_user:
        missing = "LAKE_CATALOG_USER" if settings.lake_catalog_uri else "LAKE_CATALOG_URI"
        raise UserError(f"{missing} is not set; give the pod the ConfigMap dataops-env and the Secret of its account")
    options = {"user": settings.lake_catalog_user, "sslmode": settings.pgsslmode, "connect_timeout": "10"}
    if settings.pgsslrootcert:
        options["sslrootcert"] = str(settings.pgsslrootcert)
    return options
