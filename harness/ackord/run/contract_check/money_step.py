"""Tries where a contract says that movements of money are read: once, after an order was submitted."""

from __future__ import annotations

from ...client.movement_source import UnreadSource
from ...client.pacing import PacedTransport
from ...client.provider_client import ProviderClient
from ...client.transport import NoResponse, Transport
from ...client.transport_httpx import HttpxTransport
from ...contract.base.contract_error import DocumentPath
from ...contract.loading.diagnosis import Diagnosis
from ...contract.spec.ledger_tables import CommandLedgerSpec, SqlLedgerSpec
from ...contract.spec.model import Contract
from ...core.clock import RealClock
from ...core.history import RunHeader
from ...core.operation import Vantage
from ...record.recorder import Recorder
from ...report.format import count
from ..environments.base import Environment
from ..environments.managed import MANAGED
from ..environments.money_source import money_source, statement_doubt
from ..options.plan import RunPlan
from .probe_client import CheckStep, ProbeOrder

__all__ = ["money_step"]


async def money_step(plan: RunPlan, environment: Environment, order: ProbeOrder, began_s: int) -> CheckStep | None:
    """Read the movements of ``order``; ``None`` where there is nothing to read them from, or not yet.

    ``began_s``: when the check began, in seconds since 1970. Whether the order was paid is for a run to judge.
    """
    contract, codec, clock = plan.contract.contract, plan.contract.codec, RealClock()
    if contract.ledger is None and plan.target not in MANAGED and statement_doubt(plan):
        return None

    def paced(transport: Transport) -> Transport:
        return transport if environment.pace is None else PacedTransport(transport, environment.pace)

    limits = contract.limits
    url = environment.direct_url
    host = environment.host_header(url)
    api = paced(HttpxTransport(url, answer_bytes=limits.answer_bytes, ca=plan.options.ca, host=host))
    header = RunHeader(contract.provider, "check", "provider", Vantage.PROVIDER, 0, codec.promises)
    client = ProviderClient(
        codec, api, Recorder(header, codec.read), clock, limits.timeout.ns, behind_gateway=False, unix_s=clock.unix_s
    )
    payment = order.payment
    if order.provider_id is not None:
        client.client_state.provider_ids[payment.account, payment.order_no] = order.provider_id
        client.client_state.numbers[order.provider_id] = payment.order_no
    source = money_source(plan, environment, client, from_s=began_s, paced=paced)
    path, sent = _asked(contract)
    try:
        if isinstance(source, UnreadSource):
            return None
        step = CheckStep("movements of money are read", sent, "a list of movements, each with its own identifier", "")
        try:
            found = await source.read(lambda number: number == payment.order_no, payment if source.by_order else None)
            step.came = f"{count(found, 'movement')} of the order"
        except NoResponse as why:
            step.came = "none"
            mend = "look at the answer, and at this part of the contract; without it nobody judges money"
            step.contract_is_wrong(Diagnosis(path, str(why), mend))
        return step
    finally:
        await source.close()
        await api.close()


def _asked(contract: Contract) -> tuple[DocumentPath, str]:
    """Return the place in the contract that says where movements are read, and what is sent there."""
    ledger = contract.ledger
    if isinstance(ledger, SqlLedgerSpec):
        return ("ledger", "sql"), ledger.sql.query
    if isinstance(ledger, CommandLedgerSpec):
        return ("ledger", "command"), " ".join(ledger.command)
    if ledger is not None:
        return ("ledger", "request"), f"{ledger.request.method} {ledger.request.path}"
    if contract.statement is not None:
        return ("statement", "request"), f"{contract.statement.request.method} {contract.statement.request.path}"
    return (), ""
