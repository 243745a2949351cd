"""Serves a folder over TLS on loopback: the whole of a site's package mirror."""

import functools
import ssl
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

PORT = 8443


def serve(bundle: str, certificates: str) -> None:
    """Serve until somebody stops the process."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{certificates}/server.pem", f"{certificates}/server.key")
    with ThreadingHTTPServer(("127.0.0.1", PORT), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print("ready", file=sys.stderr, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(*sys.argv[1:])
