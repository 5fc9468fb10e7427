"""Ledgers and answers without an end: given up in bounded time, and said to be so."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ackord.core.clock import SECOND, RealClock
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from .loopback_server import ServedRequest
from .paying_provider import Answer, PayingProvider, contract_file

MONEY = "resubmission-moves-money-once"
PROFILE = """
name: tiny
incident: A handful of orders.
phases: {disturb: {orders: 6, concurrency: 6}}
workload: {resubmit: 1}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
machine: false
"""
HUGE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000000000\r\n\r\n{"
BIG = json.dumps(
    {"data": [{"id": f"@.{row}", "reference": "x", "amount": 1} for row in range(60_000)], "next": "@"}
).encode()


def certify(instead: Callable[[ServedRequest], Answer | bytes | None], folder: Path) -> tuple[ProfileResult, float]:
    """Return the result, and how many seconds it took."""
    (profile := folder / "tiny.yaml").write_text(PROFILE)
    contract = contract_file(folder, ("settles_within: 2s", "settles_within: 500ms"))
    clock = RealClock()
    with PayingProvider(instead=instead) as provider:
        options = RunOptions(contract, target=provider.url, profiles=[str(profile)], seed=1, out=folder / "out")
        with Session(plan := make_plan(options)) as session:
            began_ns = clock.now_ns()
            result = session.run(plan.profiles[0])
            return result, (clock.now_ns() - began_ns) / SECOND


def ledger(answer: Callable[[int], Answer | bytes]) -> Callable[[ServedRequest], Answer | bytes | None]:
    """Answer for the ledger's nth page, and nothing else."""
    pages = itertools.count(1)
    return lambda request: answer(next(pages)) if request.path.startswith("/movements") else None


def big_page(page: int) -> bytes:
    return BIG.replace(b"@", str(page).encode())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda page: (200, {"data": [], "next": str(page)}), "it has no end: 21 pages in a row had no movement"),
        (lambda page: (200, big_page(page)), "it has no end within 2 pages and 120,000"),
        (lambda page: (200, {"data": [{"id": "m", "reference": "x", "amount": 1}], "next": "ab"[page % 2]}),
            "its pages go round"),
        (lambda page: b"", "time-out after 1000 ms"),
        (lambda page: HUGE, "time-out after 1000 ms"),
    ],
    ids=["empty pages", "rows", "round", "silence", "huge length"],
)  # fmt: skip
def test_a_ledger_without_an_end_cannot_be_read(
    answer: Callable[[int], Answer | bytes], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ackord.client.page_bounds._MOST_ROWS", 100_000)
    result, took_s = certify(ledger(answer), tmp_path)
    money = result.verdict.of(MONEY)
    assert money.result is Result.INCONCLUSIVE
    assert says in money.reason
    assert result.verdict.of("acknowledged-order-visible").result is Result.HELD, "the rest is judged all the same"
    assert took_s < 45


def test_its_correct_twin_is_read(tmp_path: Path) -> None:
    result, _ = certify(lambda request: None, tmp_path)
    assert result.verdict.of(MONEY).result is Result.HELD


@pytest.mark.parametrize("answer", [b"", HUGE], ids=["silence", "huge length"])
def test_a_provider_that_accepts_and_never_answers_costs_a_bounded_time(answer: bytes, tmp_path: Path) -> None:
    result, took_s = certify(lambda request: answer, tmp_path)
    assert result.verdict.result is Result.INCONCLUSIVE
    assert took_s < 45
