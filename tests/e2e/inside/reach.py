"""Connects to each target of its command line, many at once, and tells what came of it; runs in a pod of any kind."""

import errno
import json
import re
import select
import socket
import sys
import time
from pathlib import Path

OPEN, SILENT = "open", "timed out"
NAMESERVER = "nameserver"
SECONDS, AT_ONCE, TRIES = 3.0, 250, 2
# rules of others learn the address of a new pod in a moment
SETTLE_SECONDS = 5.0

Targets = dict[str, tuple[str, int]]


def address(host: str) -> str | None:
    """The address of a host, if anybody tells."""
    if host == NAMESERVER:
        found = re.search(r"^nameserver (\S+)", Path("/etc/resolv.conf").read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else None
    try:
        return socket.gethostbyname(host)
    except OSError:
        return None


def attempt(targets: Targets, seconds: float) -> dict[str, str]:
    """What came of connecting to each target within some seconds: open, timed out, or the name of an error."""
    poll, waiting, seen = select.poll(), {}, dict.fromkeys(targets, SILENT)
    for name, where in targets.items():
        one = socket.socket()
        one.setblocking(False)
        code = one.connect_ex(where)
        if code not in (0, errno.EINPROGRESS):
            seen[name] = errno.errorcode[code]
            continue
        waiting[one.fileno()] = (name, one)
        poll.register(one, select.POLLOUT)
    end = time.monotonic() + seconds
    while waiting and (left := end - time.monotonic()) > 0:
        for number, _ in poll.poll(left * 1000):
            name, one = waiting.pop(number)
            poll.unregister(number)
            code = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            seen[name] = errno.errorcode[code] if code else OPEN
            one.close()
    for _, one in waiting.values():
        one.close()
    return seen


def reach(targets: Targets, seconds: float = SECONDS) -> dict[str, str]:
    """What came of each target; who did not answer is asked once more, the machine may be busy."""
    addresses = {host: address(host) for host in {host for host, _ in targets.values()}}
    seen = {name: "no such name" for name in targets}
    left = {name: (found, port) for name, (host, port) in targets.items() if (found := addresses[host])}
    for _ in range(TRIES):
        names = list(left)
        for begin in range(0, len(names), AT_ONCE):
            seen |= attempt({name: left[name] for name in names[begin : begin + AT_ONCE]}, seconds)
        left = {name: left[name] for name in names if seen[name] == SILENT}
    return seen


if __name__ == "__main__":
    time.sleep(SETTLE_SECONDS)
    print("RESULT " + json.dumps(reach({name: (host, port) for name, host, port in json.loads(sys.argv[1])})))
