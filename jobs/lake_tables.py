"""Tables as declared: makes what is missing of `jobs/tables` and changes what may be changed without losing a value."""

import logging

from dataops import tables
from dataops.errors import UserError
from dataops.tables.declared import declared
from jobs._job import command

_LOG = logging.getLogger("jobs")


def main(load: str) -> None:
    """Bring every table to its declaration; one that is refused holds up none of the others.

    Raises:
        UserError: a declaration was refused; each of them is named with the way to do it on purpose.
    """
    changed: dict[str, list[str]] = {}
    refused = []
    for name, table in declared().items():
        try:
            changed[name] = [change.words for change in tables.apply(table)]
        except UserError as error:
            refused.append(str(error))
    _LOG.info("stage finished", extra={"stage": "tables", "load": load, "changes": changed, "refused": refused})
    if refused:
        raise UserError("; ".join(refused))


if __name__ == "__main__":
    command(main, __doc__)
