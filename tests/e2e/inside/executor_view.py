"""What code in an executor's pod can find there and reach from there; runs in such a pod."""

import json
import os
import re
import ssl
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path

SERVERS = "api/v1/namespaces/dataops"
PATHS = ("version", f"{SERVERS}/secrets", f"{SERVERS}/configmaps", f"{SERVERS}/pods", f"{SERVERS}/secrets/s3-root")


def ask(path: str) -> str:
    """The API server's answer to somebody without a token."""
    address = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}/{path}"
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(address, context=anybody, timeout=10) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as refusal:
        return str(refusal.code)
    except OSError as error:
        return f"unreachable: {error}"


def words() -> set[str]:
    """Every word of the environment's values, hashed: what is printed ends in a log."""
    values = [*os.environ.values(), *re.findall(r"[\w+/=-]{16,}", "\n".join(os.environ.values()))]
    return {sha256(value.encode()).hexdigest() for value in values}


mounted = [line.split()[1] for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
view = {
    "environment": sorted(os.environ),
    "words": sorted(words()),
    "mounts": mounted,
    "tokens": [str(path) for root in ("/var/run/secrets", "/run/secrets") for path in Path(root).rglob("*")],
    "answers": {path: ask(path) for path in PATHS},
}
print("RESULT " + json.dumps(view))
