"""The lake as a tree: tables, folders of Parquet and delivered files, with sizes, partitions and last write."""

from __future__ import annotations

import html
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Union

from dataops.errors import UserError

if TYPE_CHECKING:
    from dataops.notebook.entries import Entry

_READERS = 8
Branch = dict[str, Union["Branch", "Entry"]]


def lake(path: str = "") -> Lake:
    """Show what lies in the lake, or below a path of it: tables, folders of Parquet, delivered files.

    Raises:
        UserError: the store or the catalog cannot be reached, or nothing lies below the path.
    """
    from dataops.config import Settings
    from dataops.notebook import entries
    from dataops.s3 import S3Client, paths
    from dataops.tables.rows import metadata_files

    settings = Settings.load()
    root = paths.url(path, settings.s3_bucket) + "/"
    bucket = "/".join(root.split("/")[:3]) + "/"
    client = S3Client(settings)
    tables = {name: url for name, url in metadata_files(settings).items() if url.startswith(root)}
    with ThreadPoolExecutor(_READERS) as readers:
        found = list(readers.map(lambda table: entries.table(client, bucket, *table), tables.items()))
    found += entries.folders(client.list_objects(root), [entry.path for entry in found])
    if not found and root != bucket:
        raise UserError(f"nothing lies below {root}; lake() shows what there is")
    return Lake(bucket, found)


class Lake:
    """A tree of entries, as text and as a page that folds."""

    def __init__(self, root: str, entries: Iterable[Entry]) -> None:
        """Sort the entries into the branches of their paths."""
        self.root = root
        self.entries = sorted(entries, key=lambda entry: entry.path)
        self._branches: Branch = {}
        for entry in self.entries:
            branch = self._branches
            for part in entry.path.split("/")[:-1]:
                inner = branch.setdefault(f"{part}/", {})
                assert isinstance(inner, dict)  # the name of an entry has no slash
                branch = inner
            branch[entry.path.rpartition("/")[2]] = entry

    def __repr__(self) -> str:
        """Return the tree as text."""
        return "\n".join([self.root, *_lines(self._branches, "  ")] if self.entries else [f"{self.root} holds nothing"])

    def _repr_html_(self) -> str:
        words = html.escape(self.root if self.entries else repr(self))
        return f"<b>{words}</b>{_page(self._branches)}"


def _lines(branch: Branch, indent: str) -> list[str]:
    lines = []
    for name, what in branch.items():
        if isinstance(what, dict):
            lines += [f"{indent}{name}", *_lines(what, indent + "  ")]
        else:
            lines.append(f"{indent}{name}: {what}")
    return lines


def _page(branch: Branch) -> str:
    items = []
    for name, what in branch.items():
        if isinstance(what, dict):
            items.append(f"<li><details open><summary>{html.escape(name)}</summary>{_page(what)}</details></li>")
        else:
            items.append(f"<li>{html.escape(name)} <small>{html.escape(str(what))}</small></li>")
    return f"<ul>{''.join(items)}</ul>"
