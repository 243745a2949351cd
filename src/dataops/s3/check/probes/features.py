"""What else the store offers; nothing here is needed."""

from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status
from dataops.s3.check.store import Store

TITLE, ORDER = "features", 130
_ASKED = {
    "versioning": "deleted and replaced objects cannot be brought back by the store",
    "lifecycle": "leftovers of uploads and old data are not removed by the store itself",
    "object-lock": "backups cannot be protected from deletion by the store",
    "encryption": "the store does not say whether it encrypts what it keeps",
}
_NONE_SET = ("NoSuchLifecycleConfiguration", "ObjectLockConfigurationNotFoundError", "Server", "ServerSide")


def probe(store: Store) -> Iterator[Finding]:
    """Ask for each feature's configuration of the bucket."""
    for name, consequence in _ASKED.items():
        answer = store.send("GET", query={name: ""})
        known = answer.ok or answer.code.startswith(_NONE_SET)
        if answer.code == "AccessDenied":
            yield Finding(f"features.{name}", Status.NOT_CHECKED, "this key may not ask", consequence)
        elif known:
            state = "configured" if answer.ok and name != "versioning" else "known, not configured"
            if name == "versioning":
                state = (answer.texts("Status") or ["known, not enabled"])[0].lower()
            yield Finding(f"features.{name}", Status.OK, state)
        else:
            yield Finding(f"features.{name}", Status.UNSUPPORTED, f"answered {answer.said}", consequence)
