"""Choose where a run reads movements of money: from the contract's ledger, or from its statement without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from ...chaos.toxiproxy.addresses import is_loopback
from ...client.movement_source import ApiLedger, MovementSource, UnreadSource
from ...client.provider_client import ProviderClient
from ...client.transport import Transport
from ...client.transport_httpx import HttpxTransport
from ...contract.base.field_types import Duration
from ...contract.spec.ledger_tables import CommandLedgerSpec, SqlLedgerSpec
from ...core.clock import SECOND
from ...statements.fetching import StatementFetcher
from ..options.plan import RunPlan
from .base import Environment
from .managed import MANAGED
from .statement_source import StatementSource

__all__ = ["money_source", "statement_doubt", "table_source"]

_LEDGER_BYTES = 1 << 24
_LEAST_IDLE_NS = 10 * SECOND
_LONGEST_WAIT_NS = 60 * SECOND
"""A statement that shows a movement later than this after it moved is not waited for."""


def money_source(
    plan: RunPlan,
    environment: Environment,
    client: ProviderClient,
    *,
    from_s: int,
    paced: Callable[[Transport], Transport],
) -> MovementSource:
    """Return the source, which is closed by the caller. Nothing is sent yet.

    ``from_s``: when the run began, in seconds since 1970. ``paced`` makes a transport keep to the provider's rate.
    """
    contract = plan.contract.contract

    def unpaced(url: str, *, known: bool = True) -> HttpxTransport:
        """``known``: whether it may be shown the merchant's certificate."""
        certificate = environment.certificate if known else None
        host = environment.host_header(url)
        return HttpxTransport(url, answer_bytes=_LEDGER_BYTES, ca=plan.options.ca, certificate=certificate, host=host)

    if isinstance(contract.ledger, (SqlLedgerSpec, CommandLedgerSpec)):
        if plan.target not in MANAGED:
            return table_source(plan, client)
        what = "query" if isinstance(contract.ledger, SqlLedgerSpec) else "command"
        return UnreadSource(f"the {what} of the contract's ledger knows nothing of what --target {plan.target} moves")
    if contract.ledger is not None:
        return ApiLedger(client, paced(unpaced(environment.url_of_host(contract.ledger.request.host or ""))))
    statement = contract.statement
    if statement is None:
        return UnreadSource("the contract has no ledger and no statement")
    origin = environment.url_of_host(statement.request.host or "")
    transports = {"": unpaced(origin)} | {
        url: unpaced(url, known=statement.download_hosts_signed)
        for url in statement.download_hosts
        if plan.options.remote or _on_this_machine(url)
    }
    idle_ns = max(client.timeout_ns, _LEAST_IDLE_NS)
    fetcher = StatementFetcher(client, statement, origin, transports, environment.pace, asyncio.sleep, idle_ns)
    return StatementSource(client, fetcher, from_s, "" if plan.target in MANAGED else statement_doubt(plan))


def _on_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or is_loopback(host)


def table_source(plan: RunPlan, client: ProviderClient) -> MovementSource:
    """Return the source of a ledger that is a query or a command. Raises ``LookupError`` for another one."""
    table = client.codec.table
    if table is None:
        raise LookupError("the contract has no ledger that is a table")
    if isinstance(table.ledger, SqlLedgerSpec):
        from ...client.sql_ledger import SqlLedger  # its driver is not imported where no query is sent

        return SqlLedger(client, table)
    from ...client.command_ledger import CommandLedger

    return CommandLedger(client, table, plan.contract.path.resolve().parent)


def statement_doubt(plan: RunPlan) -> str:
    """Return why a run comes too early for the statement of its time; empty if it does not."""
    contract = plan.contract.contract
    posts: Duration | None = contract.promises.posts_within
    if contract.statement is not None and contract.statement.available_after is not None:
        when = f"it is complete only {contract.statement.available_after} (statement.available_after)"
    elif posts is not None and posts.ns > _LONGEST_WAIT_NS:
        when = f"a movement stands in it only within {posts} (promises.posts_within)"
    else:
        return ""
    return f"the statement of the run's time is not whole yet: {when}, so what is missing in it proves nothing"
