"""Plays a merchant of one policy as a program of its own, so that a drill can be tried without code of one's own.

::

    ackord drill reference --profile NAME -- python -m ackord.drill.merchant naive --orders 10

It prints what it takes each order for; ``REPORT_PATTERN`` reads that.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from ..client.provider_client import ProviderClient
from ..client.transport import LeanTransport
from ..contract.codec.codec import Payment
from ..contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ..core.clock import MS, RealClock
from ..core.history import RunHeader
from ..core.operation import Vantage
from ..core.seed import Seed
from ..errors import AckordError, UsageError
from ..merchant.events import Conclusion
from ..merchant.policy import MerchantPolicy
from ..merchant.presets import policies_of
from ..record.recorder import Recorder
from ..workload.order_factory import OrderFactory
from ..workload.policy_merchant import IntentRun, PolicyMerchant, PromptedTransport, pay_all
from .settings import PROVIDER_URL

__all__ = ["REPORT_PATTERN", "main"]

REPORT_PATTERN = r"order (?P<order>\S+): (?P<outcome>paid|failed|open)"
_NUMBERS_PER_INTENT = 16
_SAID = {Conclusion.PAID: "paid", Conclusion.FAILED: "failed", Conclusion.STUCK: "open"}


def play(
    policy: Annotated[str, typer.Argument(help="A merchant's policy: the name of a preset, or a YAML file of one.")],
    url: Annotated[str, typer.Option(help="The provider's address.", envvar=PROVIDER_URL)] = "",
    contract: Annotated[str, typer.Option(help="Its contract: a name, or the path of a YAML file.")] = "reference",
    orders: Annotated[int, typer.Option(help="How many payments are to be made.", min=0)] = 10,
    concurrency: Annotated[int, typer.Option(help="How many of them at once.", min=1, max=256)] = 10,
    timeout_ms: Annotated[int, typer.Option(help="How long an answer is waited for.", min=1)] = 2000,
    seed: Annotated[int, typer.Option(help="The seed of its waits.", min=0)] = 1,
) -> None:
    """Pay some orders by a policy, and print what each is taken for."""
    if not url:
        raise UsageError(f"no address of a provider.\n  mend: --url, or {PROVIDER_URL} in the environment")
    (chosen,) = policies_of([policy])[:1]
    # The emulator knows placeholders where a secret is missing.
    loaded = load_contract(contract, env=PlaceholderEnv(os.environ))
    asyncio.run(_pay(chosen, loaded, url, orders, concurrency, timeout_ms, Seed(seed)))


async def _pay(
    policy: MerchantPolicy, loaded: LoadedContract, url: str, orders: int, concurrency: int, timeout_ms: int, seed: Seed
) -> None:
    contract, codec, clock = loaded.contract, loaded.codec, RealClock()
    header = RunHeader(contract.provider, policy.name, "integration", Vantage.MERCHANT, seed.value, codec.promises)
    amounts = contract.limits.amounts()
    factory = OrderFactory(
        seed, f"{clock.now_ns() // MS % 36**6:x}-", form=contract.order_no.number_form(), account=contract.owner,
        amounts=amounts,
    )  # fmt: skip

    def new_payment(intent: int, number: int) -> Payment:
        order_no = factory.number(intent * _NUMBERS_PER_INTENT + number + 1)
        # Amounts and payees differ from intent to intent: that tells the payments apart.
        amount_minor = amounts.at(intent % amounts.count)
        return Payment(order_no, contract.owner, amount_minor, contract.currency, f"payee-{intent}", clock.unix_s())

    transport = PromptedTransport(LeanTransport(url, answer_bytes=contract.limits.answer_bytes))
    client = ProviderClient(
        codec, transport, Recorder(header, codec.read), clock, timeout_ms * MS, behind_gateway=False,
        unix_s=clock.unix_s,
    )  # fmt: skip
    merchant = PolicyMerchant(
        policy.resolved(None), client.perform, clock, new_payment, seed=seed, edges=codec.promises.later_edges,
        on_end=_say,
    )  # fmt: skip
    try:
        await pay_all(merchant, orders, concurrency=concurrency)
    finally:
        await transport.close()


async def _say(intent: IntentRun) -> None:
    assert intent.conclusion is not None
    *given_up, last = intent.payments
    for payment in given_up:
        print(f"order {payment.order_no}: failed", flush=True)
    print(f"order {last.order_no}: {_SAID[intent.conclusion]} ({intent.machine.why})", flush=True)


def main() -> None:
    """Run the program. Exit codes: 0 it ended · 2 usage · 4 a failure."""
    try:
        typer.run(play)
    except AckordError as error:
        print(f"merchant: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
