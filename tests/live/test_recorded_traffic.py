"""A merchant's traffic, recorded while it is journalled, is judged as the journal is: every guarantee alike."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ackord.client.provider_client import ProviderClient
from ackord.client.transport_httpx import HttpxTransport
from ackord.contract.codec.codec import HttpRequest, HttpResponse
from ackord.contract.loading.loader import load_contract
from ackord.core.clock import MS, SECOND, RealClock
from ackord.core.history import RunHeader
from ackord.core.operation import Vantage
from ackord.core.seed import Seed
from ackord.core.verdict import Result, Verdict
from ackord.guarantees.judge import judge
from ackord.providers.variants.dedup import KeyForgotten
from ackord.record.har_import import read_recording
from ackord.record.recorder import Recorder
from ackord.run.environments import open_environment
from ackord.run.environments.base import Environment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.workload.order_factory import OrderFactory

REFERENCE = load_contract("reference")
CLOCK = RealClock()
PATIENCE_NS = 20 * SECOND


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    with open_environment(make_plan(RunOptions("reference", profiles=["none"], seed=1))) as environment:
        yield environment


class Recording:
    """A transport that writes down what passes, as a proxy would."""

    def __init__(self, url: str) -> None:
        self._inner = HttpxTransport(url, answer_bytes=1 << 20)
        self._url = url
        self.entries: list[dict[str, Any]] = []

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        begin_ns = CLOCK.now_ns()
        answer = await self._inner.send(request, timeout_ns=timeout_ns)
        self.entries.append(self._entry(request, answer, begin_ns, CLOCK.now_ns()))
        return answer

    async def close(self) -> None:
        await self._inner.close()

    def _entry(self, request: HttpRequest, answer: HttpResponse, begin_ns: int, end_ns: int) -> dict[str, Any]:
        seconds, nanoseconds = divmod(begin_ns, SECOND)
        began = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        text = answer.body.decode()
        return {
            "startedDateTime": f"{began:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z",
            "time": (end_ns - begin_ns) / 1e6,
            "request": {
                "method": request.method,
                "url": self._url + request.target,
                "headers": [{"name": name, "value": value} for name, value in request.headers],
                "postData": {"text": request.body.decode()},
            },
            "response": {
                "status": answer.status,
                "headers": [{"name": name, "value": value} for name, value in answer.headers.items()],
                "content": {"text": text, "size": len(answer.body)},
            },
        }


async def trade(url: str, recorder: Recorder) -> list[dict[str, Any]]:
    """Orders, asked for at once, sent again, altered, sent by another account, at last asked for
    until they have ended.
    """
    transport = Recording(url)
    client = ProviderClient(REFERENCE.codec, transport, recorder, CLOCK, PATIENCE_NS, behind_gateway=False)
    contract = REFERENCE.contract
    book = OrderFactory(
        Seed(1),
        f"{CLOCK.now_ns():x}"[-10:],
        form=contract.order_no.number_form(),
        account=contract.owner,
        other_account=contract.other_account or "",
    )
    for _ in range(3):
        order = book.create_order(amount_minor=500)
        stranger = order.as_other_account()
        calls = [order.submit(), order.query(), order.submit(), order.altered(), order.query(), stranger.submit()]
        for call in calls:
            order.learn(call, await client.perform(call))
        # The retry that follows comes when the order has ended and a forgetful provider has forgotten its number.
        forgotten_ns = CLOCK.now_ns() + (KeyForgotten.KEPT_MS + 100) * MS
        async with asyncio.timeout(PATIENCE_NS / SECOND):
            while not order.terminal or CLOCK.now_ns() < forgotten_ns:
                call = order.query()
                order.learn(call, await client.perform(call))
        order.learn(call := order.submit(), await client.perform(call))
    unknown = book.create_order()
    await client.perform(unknown.query())
    await client.read_ledger(transport, book.owns)
    await transport.close()
    return transport.entries


def told(verdict: Verdict) -> list[tuple[str, Result, int, int]]:
    return [(g.guarantee, g.result, g.exposures, g.violations) for g in verdict.guarantees]


@pytest.mark.parametrize(
    ("flaw", "broken"),
    [
        ("", ""),
        ("new-provider-id", "resubmission-same-order"),
        ("altered-accepted", "conflicting-resubmission-refused"),
        ("unknown-is-processing", "unknown-order-not-found"),
        ("key-forgotten", "resubmission-moves-money-once"),
    ],
)
def test_a_recording_is_judged_as_the_journal_of_the_same_traffic(
    environment: Environment, tmp_path: Path, flaw: str, broken: str
) -> None:
    environment.reset_as(flaw)
    promises = REFERENCE.codec.promises
    header = RunHeader("ackord-reference", "recorded", "provider", Vantage.MERCHANT, 0, promises)
    recorder = Recorder(header, REFERENCE.codec.read)
    entries = asyncio.run(trade(environment.direct_url, recorder))
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    by_journal = judge(recorder.history())
    by_har = judge(read_recording(path, REFERENCE).history)
    assert told(by_har) == told(by_journal)
    assert by_har.result is (Result.VIOLATED if broken else Result.HELD)
    if broken:
        assert by_har.of(broken).result is Result.VIOLATED
