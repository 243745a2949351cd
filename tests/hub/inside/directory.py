"""An LDAP directory over TLS that answers log-ins; run by the hub's own Python, which has the protocol's messages."""

import json
import ssl
import sys
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

from ldap3.protocol import rfc4511  # type: ignore[import-untyped]  # it ships no types
from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]  # it ships no types

FOLDER, PEOPLE = Path(sys.argv[1]), json.loads(sys.argv[2])
INVALID_CREDENTIALS = 49
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
TLS.load_cert_chain(FOLDER / "server.pem", FOLDER / "server.key")


def result(number: int, kind: str, code: int) -> bytes:
    """The answer to a log-in, or the end of an empty list."""
    message = rfc4511.LDAPMessage()
    answer = rfc4511.BindResponse() if kind == "bindResponse" else rfc4511.SearchResultDone()
    answer["resultCode"], answer["matchedDN"], answer["diagnosticMessage"] = code, "", ""
    message["messageID"] = number
    message["protocolOp"][kind] = answer
    return bytes(encoder.encode(message))


class Handler(BaseRequestHandler):
    """Answers log-ins until the client has had enough."""

    def handle(self) -> None:
        """Read one message after the other."""
        rest = b""
        while received := self.request.recv(65536):
            rest += received
            message, rest = decoder.decode(rest, asn1Spec=rfc4511.LDAPMessage())
            number, operation = int(message["messageID"]), message["protocolOp"]
            if operation.getName() == "bindRequest":
                asked = operation["bindRequest"]
                right = PEOPLE.get(str(asked["name"])) == str(asked["authentication"]["simple"])
                self.request.sendall(result(number, "bindResponse", 0 if right else INVALID_CREDENTIALS))
            elif operation.getName() == "searchRequest":  # what the client wants to know about the directory itself
                self.request.sendall(result(number, "searchResDone", 0))
            else:
                return


class Server(ThreadingTCPServer):
    """Speaks TLS from the first byte."""

    daemon_threads = True

    def get_request(self) -> Any:
        """Take a connection; one whose client does not trust the certificate fails here."""
        connection, address = super().get_request()
        return TLS.wrap_socket(connection, server_side=True), address


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
