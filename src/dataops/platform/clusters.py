"""Which kind of cluster a person means by CLUSTER."""

import os

from dataops.errors import UserError

CLUSTERS = ("current", "kind", "node")


def wanted() -> str | None:
    """What was typed as CLUSTER; None when nothing was.

    Raises:
        UserError: It is none of the known words.
    """
    word = os.environ.get("CLUSTER") or None
    if word is not None and word not in CLUSTERS:
        raise UserError(f"CLUSTER={word} is unknown: choose one of {', '.join(CLUSTERS)}")
    return word
