"""Serves LNbits on a free port of the loopback address and prints the port and three keys: of two wallets that have
money, and of one that makes invoices. Run by the Python of the environment that it is installed in, with a folder for
its data.

Its own command takes a port that must be known before.
"""

import os
import socket
import sys
from pathlib import Path

import uvicorn
import uvloop
from lnbits_settings import SATOSHIS, settle, wallet

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # it writes its log to standard output

settle(Path(sys.argv[1]).resolve())

from lnbits.app import create_app  # noqa: E402

listener = socket.socket()
listener.bind(("127.0.0.1", 0))


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        payers = [await wallet(name, SATOSHIS) for name in ("main", "other")]
        payee = await wallet("payee")
        print(listener.getsockname()[1], *(payer.adminkey for payer in payers), payee.inkey, file=answer, flush=True)


uvloop.install()
Server(uvicorn.Config(create_app(), log_config=None)).run(sockets=[listener])
