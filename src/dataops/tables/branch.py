"""The branches of a publication: rows are audited on one, and main is forwarded to another in one commit."""

from __future__ import annotations

import hashlib
import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dataops.spark.conf import CATALOG
from dataops.tables.snapshots import RUN

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_KINDS = ("audit", "ready")
_ABANDONED_MS = 24 * 3600 * 1000  # a branch of this age belongs to a run that was killed
_TRIES = 12
_LOG = logging.getLogger(__name__)


class MovedError(Exception):
    """The table is no longer what the publication began with; it must begin again."""


def slug(run: str) -> str:
    """Return a run's identity as names of branches and folders can hold it; no two runs share it."""
    return f"{re.sub(r'[^a-z0-9]+', '_', run.lower())[:60].strip('_')}_{hashlib.sha256(run.encode()).hexdigest()[:8]}"


def history(table: Any, snapshot: Any) -> Iterator[Any]:
    """Yield a snapshot (or nothing where there is None) and those before it."""
    while snapshot is not None:
        yield snapshot
        parent = snapshot.parentId()
        snapshot = table.snapshot(parent) if parent is not None else None


def published_by(table: Any, snapshot: Any, run: str) -> int | None:
    """Return which snapshot, this one or one before it, a run has published, or None."""
    return next((int(one.snapshotId()) for one in history(table, snapshot) if one.summary().get(RUN) == run), None)


def load(spark: SparkSession, table: str) -> Any:
    """Return Iceberg's own object of a table as it is now."""
    jvm: Any = spark._jvm
    return jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, f"{CATALOG}.{table}")


def is_whole(table: Any, snapshot: Any) -> bool:
    """Return whether a snapshot has its manifests.

    When the answer to a commit is lost, the JDBC catalog's client repeats it and takes what it wrote itself for a
    conflict. Iceberg then commits anew, finds its snapshot there or its files gone, and deletes the manifests of the
    first attempt as leftovers; but they are the snapshot's. What readers see must never be such a one.
    """
    io = table.io()
    if not io.newInputFile(snapshot.manifestListLocation()).exists():
        return False
    own = [one for one in snapshot.allManifests(io) if one.snapshotId() == snapshot.snapshotId()]
    return all(io.newInputFile(one.path()).exists() for one in own)


class Branches:
    """The branches of one attempt to publish, through Iceberg's own library in Spark's JVM; use it in a `with`.

    Attributes:
        target: The branch to which Spark writes, as its writers and SQL name it.
        base: The snapshot of main that it was made from, or None in a table without any.
    """

    def __init__(self, spark: SparkSession, table: str, run: str, *, alone: bool = True) -> None:
        """Branch off main, and drop what killed attempts have left; not those of the same run where it is not alone."""
        self._spark, self._table, self._slug, self._alone = spark, table, slug(run), alone
        attempt = uuid4().hex[:8]
        self._audit, self._ready = (f"{kind}_{self._slug}_{attempt}" for kind in _KINDS)
        self.target = f"{CATALOG}.{table}.branch_{self._audit}"
        self.base: int | None = None
        repeatedly(self._branch_off)
        self._start = int(self._head(self._audit).snapshotId())

    def __enter__(self) -> Branches:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Drop what is left of the branches, if the block failed; its own error is the one to show.

        Raises:
            MovedError: The branches were gone, which explains any error; another attempt of its run
                took them for those of a killed one.
        """
        if error is None:
            return  # main was forwarded, which drops them
        try:
            gone = self._audit not in dict(self.load().refs())
            repeatedly(self.drop)
        except Exception as failure:
            words = str(failure).strip().splitlines()[0]
            _LOG.warning("branches stay until the table is published again", extra={"table": self._table, "why": words})
            return
        if gone and isinstance(error, Exception):
            raise MovedError(self._table) from error

    def load(self) -> Any:
        """Return the table as it is now."""
        return load(self._spark, self._table)

    def _head(self, branch: str) -> Any:
        table = self.load()
        ref = table.refs().get(branch)
        if ref is None:
            raise MovedError(self._table)  # another attempt of the same run took it for that of a killed one
        return table.snapshot(ref.snapshotId())

    def written(self) -> Any:
        """Return the snapshot that was written to the audit branch, or None where there was nothing to write.

        Raises:
            MovedError: It is not whole.
        """
        head = self._head(self._audit)
        return self._whole(head) if head.snapshotId() != self._start else None

    def prepare(self, written: Any, mode: str, properties: Mapping[str, str]) -> Any:
        """Commit the audited files on top of main's newest snapshot, to a branch that main can be forwarded to.

        Returns:
            The snapshot that is ready; it belongs to `forward`.

        Raises:
            MovedError: They do not fit to what others have committed meanwhile, or the snapshot is not whole.
        """
        repeatedly(self._follow_main)
        table = self.load()
        added = list(written.addedDataFiles(table.io())) if written else []
        removed = list(written.removedDataFiles(table.io())) if written and mode == "merge" else []
        change = self._change(table, mode)
        for file in added:
            change = change.appendFile(file) if mode == "append" else change.addFile(file)
        for file in removed:
            change = change.deleteFile(file)
        # maintenance keeps the files of a snapshot that another one names as its source
        source = {"source-snapshot-id": str(written.snapshotId())} if written else {}
        for name, value in {**properties, **source}.items():
            change = change.set(name, value)
        try:
            change.toBranch(self._ready).commit()
        except Exception as error:
            if _is_conflict(error):
                raise MovedError(str(error)) from error
            raise
        return self._whole(self._head(self._ready))

    def _whole(self, snapshot: Any) -> Any:
        if is_whole(self.load(), snapshot):
            return snapshot
        raise MovedError(self._table)

    def _change(self, table: Any, mode: str) -> Any:
        jvm: Any = self._spark._jvm
        everything = jvm.org.apache.iceberg.expressions.Expressions.alwaysTrue()
        if mode == "append":
            return table.newAppend()
        if mode == "merge":
            change = table.newOverwrite().conflictDetectionFilter(everything)
            change = change.validateNoConflictingData().validateNoConflictingDeletes()
            return change.validateFromSnapshot(self.base) if self.base is not None else change
        if table.spec().isPartitioned():
            return table.newReplacePartitions()
        return table.newOverwrite().overwriteByRowFilter(everything)

    def forward(self, ready: Any) -> None:
        """Let main be the snapshot that is ready and drop both branches, in one commit of the catalog.

        Raises:
            MovedError: Others have committed to main since it was made ready.
        """

        from pyspark.errors import IllegalArgumentException

        def attempt() -> None:
            table = self.load()
            head = table.currentSnapshot()
            if any(one.snapshotId() == ready.snapshotId() for one in history(table, head)):
                return  # an earlier attempt was committed, only its answer was lost
            found = [name for name in (self._audit, self._ready) if table.refs().containsKey(name)]
            if (head.snapshotId() if head else None) != ready.parentId() or self._ready not in found:
                raise MovedError(self._table)
            try:
                _without(table.manageSnapshots().fastForwardBranch("main", self._ready), found).commit()
            except IllegalArgumentException as error:  # Iceberg looks again, and main moved since the line above
                raise MovedError(self._table) from error

        repeatedly(attempt)

    def drop(self) -> None:
        """Drop those of the branches that are there."""
        table = self.load()
        found = [name for name in (self._audit, self._ready) if table.refs().containsKey(name)]
        if found:
            _without(table.manageSnapshots(), found).commit()

    def _branch_off(self) -> None:
        table = self.load()
        refs = {name: table.snapshot(ref.snapshotId()) for name, ref in dict(table.refs()).items()}
        if self._audit in refs:
            return  # an earlier attempt was committed, only its answer was lost
        head = table.currentSnapshot()
        self.base = int(head.snapshotId()) if head else None
        change = _without(table.manageSnapshots(), [name for name, tip in refs.items() if self._is_over(name, tip)])
        if head is None:
            change.createBranch(self._audit).commit()  # with an empty snapshot, as a branch needs one
        else:
            change.createBranch(self._audit, self.base).createBranch(self._ready, self.base).commit()

    def _follow_main(self) -> None:
        table = self.load()
        head, ref = table.currentSnapshot(), table.refs().get(self._ready)
        if head is not None and ref is None:
            table.manageSnapshots().createBranch(self._ready, head.snapshotId()).commit()
        elif head is not None and ref.snapshotId() != head.snapshotId():
            table.manageSnapshots().replaceBranch(self._ready, head.snapshotId()).commit()

    def _is_over(self, name: str, tip: Any) -> bool:
        mine = name.startswith(tuple(f"{kind}_{self._slug}_" for kind in _KINDS))
        abandoned = tip.timestampMillis() < time.time() * 1000 - _ABANDONED_MS
        return (mine and self._alone) or (abandoned and name.startswith(tuple(f"{kind}_" for kind in _KINDS)))


def _without(change: Any, branches: Iterable[str]) -> Any:
    for name in branches:
        change = change.removeBranch(name)
    return change


def repeatedly(attempt: Callable[[], None]) -> None:
    """Change branches, which is refused as long as anybody else committed anything since the table was loaded."""
    for number in range(_TRIES):
        try:
            return attempt()
        except Exception as error:
            if not _is_conflict(error) or number == _TRIES - 1:
                raise
            time.sleep(random.uniform(0.05, 0.3) * (number + 1))


def _is_conflict(error: Exception) -> bool:
    thrown = getattr(error, "java_exception", None)
    return thrown is not None and thrown.getClass().getSimpleName() in ("CommitFailedException", "ValidationException")
