"""Serves localstripe on a free port of the loopback address and prints the port. Run by the Python of the environment
that it is installed in.

Its own command listens on all interfaces, and keeps its store in a file that every run of this machine would share.
"""

import socket
import sys
from pathlib import Path

from aiohttp import web
from localstripe import resources
from localstripe.server import app

STORE = Path(sys.argv[1])


def open_store(path, *arguments):
    assert Path(path).suffix == ".pickle", path
    return STORE.open(*arguments)


resources.open = open_store

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
web.run_app(app, sock=listener, print=None)
