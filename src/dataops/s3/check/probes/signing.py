"""Signatures: which of them the store knows, and whether it verifies any."""

from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store
from dataops.s3.check.wire import Signature

TITLE, ORDER = "signatures", 20
_V4_NEEDED = "pyarrow, Polars, DuckDB and pyiceberg sign with V4 only and cannot work here; Spark, boto3 and MLflow can"
_V2_MISSING = "none: only stores without V4 need it"


def probe(store: Store) -> Iterator[Finding]:
    """Write and read an object with every signature, then with a wrong one."""
    yield _written(store, "v4", "signing.v4-header", _V4_NEEDED, "s3.signatureVersion: s3")
    yield _written(store, "v4-unsigned", "signing.v4-unsigned-payload", "over https clients hash every byte they send")
    yield _chunked(store)
    yield _presigned(store, "v4", "links that the platform gives to people do not open")
    yield _written(store, "v2", "signing.v2-header", _V2_MISSING)
    yield _presigned(store, "v2", _V2_MISSING)
    wrong = store.wire.send("PUT", store.key("signing/wrong"), body=b"wrong", secret="not-the-secret")
    yield verdict(
        "signing.verified",
        "a request signed with a wrong secret was served" if wrong.ok else None,
        "a request signed with a wrong secret is refused",
        otherwise=Status.DEGRADED,
        consequence="everybody who reaches the store can read and write everything",
        setting="authentication of the store, by whoever runs it",
    )


def _written(store: Store, kind: Signature, name: str, consequence: str, setting: str = "") -> Finding:
    trouble = store.round_trip(f"signing/{kind}", b"signed", signature=kind)
    seen = "written and read back"
    return verdict(name, trouble, seen, otherwise=Status.UNSUPPORTED, consequence=consequence, setting=setting)


def _chunked(store: Store) -> Finding:
    trouble = store.round_trip("signing/chunked", b"chunk" * 20000, signature="v4-chunked")
    # over http Java's SDK, and with it Spark, uploads in no other way
    needed = store.wire.signature == "v4" and not store.wire.tls
    return verdict(
        "signing.v4-chunked",
        trouble,
        "written and read back",
        otherwise=Status.FAILED if needed else Status.UNSUPPORTED if "refused" in str(trouble) else Status.DEGRADED,
        consequence="over http Spark uploads this way, and its files are refused or damaged; over https it does not",
        setting="s3.endpointUrl: https://...",
    )


def _presigned(store: Store, kind: Signature, consequence: str) -> Finding:
    key = store.key("signing/presigned")
    store.put(key, b"presigned")
    answer = store.wire.fetch(store.wire.presigned("GET", key, kind))
    return verdict(
        f"signing.{kind}-presigned",
        None if answer.body == b"presigned" else f"refused: {answer.said}",
        "read without a key",
        otherwise=Status.UNSUPPORTED,
        consequence=consequence,
    )
