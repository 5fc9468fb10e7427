"""One of several LNbits over PostgreSQL: ``lnbits_node.py DATA PORT`` serves it, ``lnbits_node.py DATA seed`` makes its
tables and three wallets, whose keys are ``LNBITS_MAIN_KEY``, ``LNBITS_OTHER_KEY`` and ``LNBITS_PAYEE_KEY`` of the
environment. ``LNBITS_DATABASE_URL`` says where it reads and writes.

Run by the Python of the environment that it is installed in.
"""

import asyncio
import os
import sys
from pathlib import Path

import uvicorn
import uvloop
from lnbits_settings import SATOSHIS, settle, wallet

settle(Path(sys.argv[1]).resolve())

from lnbits.app import create_app, lifespan  # noqa: E402
from lnbits.core.crud import update_wallet  # noqa: E402


async def seed(app):
    async with lifespan(app):
        for name, satoshis in (("main", SATOSHIS), ("other", SATOSHIS), ("payee", 0)):
            made = await wallet(name, satoshis)
            key = os.environ[f"LNBITS_{name.upper()}_KEY"]
            made.adminkey, made.inkey = (made.adminkey, key) if name == "payee" else (key, made.inkey)
            await update_wallet(made)


uvloop.install()
if sys.argv[2] == "seed":
    asyncio.run(seed(create_app()))
else:
    uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[2]), log_config=None)
