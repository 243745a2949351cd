"""The storage class: the one that charts name is there, or the cluster has a default for those that name none."""

import re
from collections.abc import Iterator
from typing import Any

from kubernetes import client

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok

ORDER = 45
DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def check(context: Context) -> Iterator[Finding]:
    """Look at the classes, where you may; on many clusters everybody may."""
    named = {name.strip("\"'") for name in re.findall(r"\bstorageClass(?:Name)?: *(\S*)", context.rendered)}
    storage: Any = client.StorageV1Api(context.cluster.api)
    classes = {one.metadata.name: one.metadata.annotations or {} for one in storage.list_storage_class().items}
    known = ", ".join(sorted(classes)) or "none"
    for name in sorted(named - {""} - set(classes)):
        yield error(f"storage class {name} does not exist (there is: {known})", "correct the chart's storageClass")
    default = [name for name, notes in classes.items() if any(notes.get(key) == "true" for key in DEFAULT)]
    if default:
        yield ok(f"volumes that name no storage class get {default[0]}")
    elif "" in named or not named:
        yield error(
            f"the cluster has no default storage class (there is: {known}), so home volumes stay pending",
            "name one in charts/jupyterhub, user.home.storageClass",
        )
    else:
        yield ok(f"every volume names its storage class, {', '.join(sorted(named))}")
