"""A run reads the statement again and again, and twice at its end, and tries a cursor that was never given."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.client.provider_client import ProviderClient
from ackord.client.transport_httpx import HttpxTransport
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.loading.loader import LoadedContract
from ackord.core.clock import SECOND, RealClock, WallClock
from ackord.core.history import History, RunHeader
from ackord.core.operation import Vantage
from ackord.record.recorder import Recorder
from ackord.run import statement_watch
from ackord.run.statement_watch import StatementWatch
from tests.statement_provider import Book, StatementProvider
from tests.unit.statements.support import loaded

STATEMENT = """\
request: {method: GET, path: /bill, query: {f: "${period.from.unix}", t: "${period.to.unix}", after: "${cursor}"}}
window: half_open
rows: $.rows
next: $.next
columns: {movement_id: $.id, order_no: $.no, amount: $.amount, kind: $.kind, at: $.at}
time_form: unix
available_after: 1ms
"""


class Started:
    """What the watch needs of a run."""

    def __init__(self, contract: LoadedContract, url: str, folder: Path) -> None:
        codec, self.clock = contract.codec, RealClock()
        header = RunHeader("small", "p", "provider", Vantage.PROVIDER, 1, codec.promises)
        self.recorder = Recorder(header, codec.read)
        self.client = ProviderClient(
            codec, HttpxTransport(url, answer_bytes=1 << 20), self.recorder, self.clock, 2 * SECOND, behind_gateway=False,
            unix_s=self.clock.unix_s,
        )  # fmt: skip
        self.plan = SimpleNamespace(contract=contract, target="reference", options=SimpleNamespace(ca=""))
        self.environment = SimpleNamespace(
            url_of_host=lambda host: url, host_header=lambda at: "", certificate=None, pace=None,
            run=SimpleNamespace(folder=lambda name: folder),
        )  # fmt: skip
        self.promises, self.began_s = codec.promises, WallClock().unix_ns() // SECOND - 3
        self.book = SimpleNamespace(owns=lambda number: True, resembles=bool)

    def stranger(self, number: str) -> bool:
        return False


def watched(folder: Path, answer: Any = None, *, follow: bool = False) -> History:
    async def read(provider: StatementProvider) -> History:
        run: Any = Started(provider.loaded, provider.url, folder)
        watch = StatementWatch(run, WallClock())
        if follow:
            await watch.follow()
            async with watch.following():
                await asyncio.sleep(0)
        await watch.finish()
        await watch.close()
        history: History = run.recorder.history()
        return history

    # One line a second of the day.
    with StatementProvider(loaded(folder, STATEMENT), Book(lines=86_400), emulated=answer is None) as provider:
        if answer is not None:
            provider.answer = lambda request: (answer, False)  # type: ignore[method-assign]
        return asyncio.run(read(provider))


def test_all_is_read_twice_once_it_is_whole(tmp_path: Path) -> None:
    history = watched(tmp_path)
    first, second = history.statements
    assert first.proves and second.proves and first.whole and second.whole
    assert first.windows[0].period == second.windows[0].period
    assert sum(page.lines for page in first.windows[0].pages) >= 3
    assert len({line.order for order in history.orders for line in order.lines}) >= 3
    [invented] = history.statements.invented
    assert "status" in invented.problem


def test_while_orders_arrive_it_is_read_over_and_over_and_then_in_two_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_watch, "_MOST_READINGS", 3)
    readings = list(watched(tmp_path, follow=True).statements)
    assert len(readings) >= 5
    assert not readings[0].whole
    assert readings[-1].whole
    assert len(readings[-1].windows) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HttpResponse(404, {}, b"{}"), "the provider answers with the status 404"),
        (HttpResponse(200, {"content-type": "application/json"}, b"[]"), "the list of movements is missing"),
        (HttpResponse(200, {"content-type": "application/json"}, b'{"rows": [], "next": "c"}'), "its pages go round"),
    ],
)
def test_what_cannot_be_read_says_so(tmp_path: Path, answer: HttpResponse, said: str) -> None:
    found = watched(tmp_path, answer).statements
    assert said in found.problem
    assert len(found.failed) == 2
