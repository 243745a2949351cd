"""A site's Git server: one repository over TLS, which only the name and password of its pod's environment may read."""

import base64
import functools
import os
import ssl
import subprocess
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 8443
ROOT = Path("/tmp/site")
GIT = ["git", "-c", "user.name=site", "-c", "user.email=site@example.com", "-C", str(ROOT / "work")]


class Guarded(SimpleHTTPRequestHandler):
    """Files for whoever has the password."""

    def do_GET(self) -> None:
        """Answer a file, or ask for the password."""
        wanted = base64.b64encode(os.environ["SITE_ACCOUNT"].encode()).decode()
        if self.headers.get("Authorization") == f"Basic {wanted}":
            return super().do_GET()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="site"')
        self.send_header("Content-Length", "0")
        return self.end_headers()


def publish(name: str, text: str) -> None:
    """Commit a DAG file and put it where clients read it."""
    dags = ROOT / "work" / "dags"
    dags.mkdir(parents=True)
    (dags / name).write_text(text, encoding="utf-8")
    for words in (["init", "--quiet", "--initial-branch", "main"], ["add", "."], ["commit", "--quiet", "-m", "A DAG"]):
        subprocess.run([*GIT, *words], check=True)
    bare = str(ROOT / "served" / "platform.git")
    subprocess.run(["git", "clone", "--quiet", "--bare", str(ROOT / "work"), bare], check=True)
    subprocess.run(["git", "-C", bare, "update-server-info"], check=True)  # it is served as files


def serve(**tls: Any) -> None:
    """Serve until the pod goes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(**tls)
    handler = functools.partial(Guarded, directory=str(ROOT / "served"))
    with ThreadingHTTPServer(("0.0.0.0", PORT), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()


if __name__ == "__main__":
    publish("from_git.py", os.environ["SITE_DAG"])
    serve(certfile="/tls/tls.crt", keyfile="/tls/tls.key")
