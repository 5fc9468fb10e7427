"""Asks a provider for its statement of a period, and reads the one page or file of it."""

from __future__ import annotations

from ackord.client.transport_httpx import HttpxTransport
from ackord.contract.base.http_messages import TimestampNonce
from ackord.contract.base.payment import RequestContext
from ackord.contract.base.periods import Period
from ackord.contract.codec.codec import Codec, LedgerRow, ResponseContext
from ackord.core.clock import SECOND, RealClock
from tests.statement_reading import read_statement

__all__ = ["stated_rows"]


async def stated_rows(codec: Codec, origin: str, period: Period) -> list[LedgerRow]:
    at = TimestampNonce(RealClock.unix_s(), f"n{RealClock().now_ns():x}")
    request = codec.statement_page(period, request_context=RequestContext(at))
    transport = HttpxTransport(origin, answer_bytes=1 << 20)
    about = ResponseContext(account=codec.contract.owner, request=request, at=at)
    try:
        answer = await transport.send(request, timeout_ns=10 * SECOND)
        file = codec.statement_file(answer, origin, request_context=RequestContext(at), response_context=about)
        if file is not None:
            assert file.request is not None, file.problem
            answer = await transport.send(file.request, timeout_ns=10 * SECOND)
        else:
            assert not codec.problem_of(answer, about)
    finally:
        await transport.close()
    page = read_statement(codec, answer)
    assert not page.problem, page.problem
    return list(page.rows)
