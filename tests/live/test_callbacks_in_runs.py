"""A provider that promises callbacks, while the merchant's server refuses some: one that calls again, and one that does
not.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .loopback_server import ServedRequest
from .small_payouts import Certify, SmallPayouts

CALLBACKS = """
callbacks:
  - name: payout
    path: /payouts
    answers: [{when: {$.status: {exists: true}}, observation: STATUS}]
    extract: {order_no: $.reference, state: $.status}
currency: EUR"""
CHANGES = (
    ("currency: EUR", CALLBACKS),
    ('to: "${payee}"', 'to: "${payee}", call: "${callback_url}/payouts"'),
    ("settles_within: 2s", "settles_within: 2s, calls_back_within: 1s"),
)
REFUSED = """
name: refused
incident: A shop was deployed while its payments ended.
phases: {disturb: {orders: 12, concurrency: 6}}
workload: {plain: 1}
faults: [{fault: callback-refused, attempts: 2, proves: [callback-delivered]}]
exposes: [callback-delivered]
machine: false
"""
_PAID_S, _AGAIN_S = 0.08, 0.05


@dataclass
class CallingPayouts(SmallPayouts):
    """Calls back when a payout is paid, until it is answered with 200, at most ``attempts`` times."""

    attempts: int = 5
    _calls: list[asyncio.Task[None]] = field(default_factory=list)

    async def respond(self, request: ServedRequest, writer: asyncio.StreamWriter) -> bytes | None:
        answer = await super().respond(request, writer)
        if request.method == "POST":
            self._later(_PAID_S, json.loads(request.body), 1)
        return answer

    def _later(self, delay_s: float, body: dict[str, str], attempt: int) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(delay_s, lambda: self._calls.append(loop.create_task(self._call(body, attempt))))

    async def _call(self, body: dict[str, str], attempt: int) -> None:
        to = urlsplit(body["call"])
        event = json.dumps({"reference": body["reference"], "status": "paid"}).encode()
        reader, writer = await asyncio.open_connection(to.hostname, to.port)
        head = f"POST {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(event)}\r\nConnection: close\r\n\r\n".encode() + event)
        status = (await reader.readline()).split()[1]
        writer.close()
        if status != b"200" and attempt < self.attempts:
            self._later(_AGAIN_S, body, attempt + 1)


@pytest.mark.parametrize(("attempts", "expected"), [(5, "HELD"), (2, "VIOLATED")])
def test_a_callback_that_was_refused_must_come_again(
    attempts: int, expected: str, certify: Certify, tmp_path: Path
) -> None:
    profile = tmp_path / "refused.yaml"
    profile.write_text(REFUSED)
    with CallingPayouts(attempts=attempts) as provider:
        code, said = certify(provider, "--profile", str(profile), changes=CHANGES)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    (judged,) = [g for g in result["profiles"][0]["guarantees"] if g["id"] == "callback-delivered"]
    assert judged["result"] == expected, said
    assert code == (0 if expected == "HELD" else 1), said


def test_a_fault_that_needs_a_merchant_says_so(certify: Certify) -> None:
    with CallingPayouts() as provider:
        code, said = certify(provider, "--profile", "callbacks-in-trouble", changes=CHANGES)
    assert code == 2, said
    assert "no provider can be judged by it" in said
