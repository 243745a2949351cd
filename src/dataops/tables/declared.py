"""Finds the declarations of tables: every module of the package `jobs.tables` holds one as TABLE."""

import importlib
import pkgutil
import sys
from pathlib import Path

from dataops.errors import UserError
from dataops.tables.declare import Table

PACKAGE = "jobs.tables"


def declared() -> dict[str, Table]:
    """Return every declared table by its name.

    Raises:
        UserError: there is no package of declarations here, or a module of it declares no table or another one's.
    """
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # a command of an environment does not see the folder that it is called in
    try:
        package = importlib.import_module(PACKAGE)
    except ModuleNotFoundError:
        raise UserError("there is no folder jobs/tables here; run this in the repository or in a pod") from None
    found: dict[str, Table] = {}
    for module in pkgutil.iter_modules(package.__path__):
        table = getattr(importlib.import_module(f"{PACKAGE}.{module.name}"), "TABLE", None)
        if not isinstance(table, Table):
            raise UserError(f"jobs/tables/{module.name}.py declares no table; give it TABLE = Table(...)")
        if table.name.replace(".", "_") != module.name:
            name = table.name.replace(".", "_")
            raise UserError(f"jobs/tables/{module.name}.py declares {table.name}; call the file {name}.py")
        found[table.name] = table
    return found


def declaration(name: str) -> Table:
    """Return one declared table.

    Raises:
        UserError: it is not declared, or as for `declared`.
    """
    tables = declared()
    if name not in tables:
        raise UserError(f"table {name} is not declared; declared are {', '.join(tables)}, in jobs/tables")
    return tables[name]
