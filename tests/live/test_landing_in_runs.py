"""The landing window of a run that stopped at its first violation: orders are asked for again before it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ackord.core.clock import MS, RealClock

from .small_payouts import TINY, Asked, Certify, Reply, SmallPayouts

LAG_MS = 30
CLOCK = RealClock()


class Lagging:
    """Queries miss an order for so long from the first of them; for ever where ``lost`` says so.

    Counted from its submit, an order could be there sooner after its acknowledgement, which arrives later.
    """

    def __init__(self, lag_ms: float, *, lost: int = 0) -> None:
        self._lag_ns = lag_ms * MS
        self._lost = lost
        self._made: dict[str, int | None] = {}
        """When each order was first asked for."""

    def __call__(self, asked: Asked, reply: Reply) -> Reply:
        if asked.method == "POST":
            self._made.setdefault(asked.body["reference"], None)
            return reply
        number, now_ns = asked.path.rpartition("/")[2], CLOCK.now_ns()
        if number not in self._made:
            return reply
        asked_ns = self._made[number] = self._made[number] or now_ns
        gone = list(self._made).index(number) in range(1, 1 + self._lost)
        late = now_ns - asked_ns < self._lag_ns
        return Reply(404, {"error": "not_found"}) if gone or late else reply


def landing_of(certify: Certify, folder: Path, lagging: Lagging) -> tuple[int, str, dict[str, Any]]:
    (folder / "resubmits.yaml").write_text(TINY.replace("tiny", "resubmits").replace("orders: 12", "orders: 80"))
    with SmallPayouts(lagging) as provider:
        code, said = certify(provider, "--profile", str(folder / "resubmits.yaml"))
    (profile,) = json.loads((folder / "out" / "result.json").read_text())["profiles"]
    return code, said, profile["landing"]


def test_a_short_lag_gives_a_short_buffer_although_the_run_stopped_early(certify: Certify, tmp_path: Path) -> None:
    code, said, landing = landing_of(certify, tmp_path, Lagging(LAG_MS))
    assert code == 1
    assert landing["seen_missing_count"] > 0
    assert (landing["never_shown_count"], landing["not_asked_again_count"]) == (0, 0)
    assert "Never take not-found" not in said
    assert LAG_MS <= landing["recommended_buffer_ms"] < 500, landing


def test_an_order_that_is_gone_for_good_is_asked_for_to_the_end_and_lost(certify: Certify, tmp_path: Path) -> None:
    code, said, landing = landing_of(certify, tmp_path, Lagging(0, lost=2))
    assert code == 1
    assert (landing["never_shown_count"], landing["not_asked_again_count"]) == (2, 0)
    assert "none is enough, 2 orders were still not found at the end" in said


def test_without_a_lag_no_buffer_is_needed(certify: Certify, tmp_path: Path) -> None:
    code, _, landing = landing_of(certify, tmp_path, Lagging(0))
    assert (code, landing["seen_missing_count"], landing["recommended_buffer_ms"]) == (0, 0, 0)
