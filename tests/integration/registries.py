"""A real registry on loopback behind TLS."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.binaries import tools
from dataops.platform.tools import build
from tests.unit.tls import make_certificates

PATIENCE_SECONDS = 30
USER, PASSWORD = "somebody", "open sesame"
# bcrypt of the line above, which nothing in Python's library computes
HTPASSWD = f"{USER}:$2b$05$aoDyCLAhkkz6yCTslW5BkuAYvqr1GHTutpGVzS2fQ266RaT7xCzn6\n"
CONFIGURATION = """
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}", tls: {{certificate: {folder}/server.pem, key: {folder}/server.key}}}}
{auth}
"""


@contextmanager
def registry(folder: Path, login: bool = False) -> Iterator[str]:
    """Serve a registry of which `folder/ca` holds the CA, and yield its host and port."""
    certificates = make_certificates(folder)
    for name, file in (("ca", certificates.authority), ("other", certificates.other)):
        (folder / name).mkdir()
        (folder / name / "ca.crt").write_bytes(file.read_bytes())
    (folder / "htpasswd").write_text(HTPASSWD, encoding="utf-8")
    auth = f"auth: {{htpasswd: {{realm: tests, path: {folder}/htpasswd}}}}" if login else ""
    port = _free_port()
    configuration = folder / "config.yml"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, auth=auth), encoding="utf-8")
    with (folder / "log").open("w") as log:
        command = [str(build(tools()["registry"])), "serve", str(configuration)]
        # without the environment: it takes every REGISTRY_* for a setting of its own
        server = subprocess.Popen(command, stdout=log, stderr=log, env={})
        try:
            _await(port, server, folder / "log")
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the registry does not serve: {log.read_text(encoding='utf-8')}") from None
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
