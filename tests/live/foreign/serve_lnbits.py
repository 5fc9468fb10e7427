"""Serves LNbits on a free port of the loopback address and prints the port and three keys: of two wallets that have
money, and of one that makes invoices. Run by the Python of the environment that it is installed in, with a folder for
its data.

Its own command takes a port that must be known before. Its wallet pays invoices of this server alone, so no money and
no network are needed; what it would look up on other machines (prices, extensions) is turned off.
"""

import os
import socket
import sys
from pathlib import Path

import uvicorn
import uvloop

DATA = Path(sys.argv[1]).resolve()
SATOSHIS = 10_000_000

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # it writes its log to standard output

os.environ.update(
    LNBITS_DATA_FOLDER=str(DATA),
    LNBITS_EXTENSIONS_PATH=str(DATA / "extensions"),
    LNBITS_BACKEND_WALLET_CLASS="FakeWallet",
    FAKE_WALLET_SECRET="a wallet that pays nobody",
    AUTH_SECRET_KEY="of a server for tests",
    LNBITS_ADMIN_UI="false",
    LNBITS_RATE_LIMIT_NO="1000000",  # of its own it refuses the 201st request of a minute
    LNBITS_PRICE_AGGREGATOR_ENABLED="false",
    LNBITS_EXCHANGE_RATE_PROVIDERS="[]",
    LNBITS_EXTENSIONS_MANIFESTS="[]",
    LNBITS_WASM_EXTENSIONS_MANIFESTS="[]",
)
(DATA / "logs").mkdir(parents=True, exist_ok=True)
(DATA / "extensions" / "extensions").mkdir(parents=True, exist_ok=True)

import lnbits  # noqa: E402

os.chdir(Path(lnbits.__file__).parents[1])  # it looks for its files below the current folder

from lnbits.app import create_app  # noqa: E402
from lnbits.core.services import create_user_account, update_wallet_balance  # noqa: E402

listener = socket.socket()
listener.bind(("127.0.0.1", 0))


async def wallet(name, satoshis=0):
    user = await create_user_account(wallet_name=name)
    [made] = user.wallets
    if satoshis:
        await update_wallet_balance(made, satoshis)
    return made


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        payers = [await wallet(name, SATOSHIS) for name in ("main", "other")]
        payee = await wallet("payee")
        print(listener.getsockname()[1], *(payer.adminkey for payer in payers), payee.inkey, file=answer, flush=True)


uvloop.install()
Server(uvicorn.Config(create_app(), log_config=None)).run(sockets=[listener])
