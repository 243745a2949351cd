"""A relay in front of PostgreSQL that loses the connection at a chosen message; it reads none, so TLS goes through."""

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PIECE = 65_536


class Relay:
    """Passes bytes on; messages of clients are counted from the moment `arm` was called.

    Attributes:
        port: Where it listens, on loopback.
        seen: How many messages clients have sent since.
        then: What else happens when the connection is lost.
    """

    def __init__(self, server_port: int) -> None:
        """Listen on a free port."""
        self._server_port, self._lock = server_port, threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.then: Callable[[], None] = lambda: None
        self.arm(0, "before", "once")

    def arm(self, number: int, when: str, how: str) -> None:
        """Lose the connection at this message (0: at none).

        Args:
            number: Which one, from 1.
            when: `before` the server has it, or `after` it has answered.
            how: `once`, or `lasting`: the server then stays out of reach.
        """
        with self._lock:
            self.seen, self._number, self._after, self._lasting = 0, number, when == "after", how == "lasting"
            self._gone = False

    def reached(self) -> bool:
        """Whether the message came."""
        return self.seen >= self._number

    def serve(self) -> None:
        """Accept clients until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            try:
                self._until_the_end(client, server)
            except OSError:
                pass
            finally:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _until_the_end(self, client: socket.socket, server: socket.socket) -> None:
        due = False
        while not self._gone:
            readable, _, _ = select.select([client, server], [], [], 0.1)
            if server in readable:
                answer = server.recv(PIECE)
                if due:
                    self._lose()
                if due or not answer:
                    return
                client.sendall(answer)
            elif client in readable:
                message = client.recv(PIECE)
                due = self._is_due()
                if due and not self._after:
                    self._lose()
                    return
                if not message:
                    return
                server.sendall(message)

    def _lose(self) -> None:
        self._gone = self._lasting
        self.then()

    def _is_due(self) -> bool:
        with self._lock:
            self.seen += 1
            return self.seen == self._number


@contextmanager
def relay(server_port: int) -> Iterator[Relay]:
    """Stand in front of a server on loopback."""
    made = Relay(server_port)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.close()
