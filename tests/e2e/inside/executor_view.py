"""What code in an executor's pod can find there and reach from there; runs in such a pod."""

import json
import os
import re
import socket
from hashlib import sha256
from pathlib import Path


def api_server() -> str:
    """What comes of a connection to the API server."""
    address = (os.environ["KUBERNETES_SERVICE_HOST"], int(os.environ["KUBERNETES_SERVICE_PORT"]))
    try:
        socket.create_connection(address, timeout=5).close()
    except OSError as error:
        return str(error)
    return "connected"


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
    "api server": api_server(),
}
print("RESULT " + json.dumps(view))
