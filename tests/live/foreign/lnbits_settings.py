"""Sets up LNbits for tests: its wallet pays invoices of this server alone, so no money and no network are needed; what it
would look up on other machines (prices, extensions) is turned off. Imported before ``lnbits``.
"""

import os
from pathlib import Path

SATOSHIS = 10_000_000
"""What a wallet that pays begins with."""


def settle(data):
    """Set its settings; ``data`` is the folder that it writes to, made if it is missing."""
    os.environ.update(
        LNBITS_DATA_FOLDER=str(data),
        LNBITS_EXTENSIONS_PATH=str(data / "extensions"),
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
    (data / "logs").mkdir(parents=True, exist_ok=True)
    (data / "extensions" / "extensions").mkdir(parents=True, exist_ok=True)
    import lnbits

    os.chdir(Path(lnbits.__file__).parents[1])  # it looks for its files below the current folder


async def wallet(name, satoshis=0):
    """Make a wallet that has ``satoshis``."""
    from lnbits.core.services import create_user_account, update_wallet_balance

    user = await create_user_account(wallet_name=name)
    [made] = user.wallets
    if satoshis:
        await update_wallet_balance(made, satoshis)
    return made
