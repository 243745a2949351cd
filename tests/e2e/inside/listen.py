"""Listens on the ports of its command line; the kernel accepts whoever gets through. Runs in a pod of any kind."""

import signal
import socket
import sys

if __name__ == "__main__":
    held = [socket.create_server(("0.0.0.0", int(port)), backlog=1024) for port in sys.argv[1:]]
    print("LISTENING", flush=True)
    signal.pause()
