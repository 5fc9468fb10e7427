"""Before the load, one order is submitted and asked for: what cannot work is one error after a handful of requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ackord.core.clock import RealClock
from ackord.errors import UsageError
from ackord.report import REPORTS
from ackord.run.contract_check.preflight import preflight
from ackord.run.environments import open_environment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

from .small_payouts import Asked, Certify, Reply, SmallPayouts, contract_at

A_HANDFUL = 8


def test_a_wrong_key_is_one_error_of_the_user_s(certify: Certify, tmp_path: Path) -> None:
    with SmallPayouts() as provider:
        code, said = certify(provider, changes=(("sk_main", "sk_stale"),))
    assert code == 2
    assert len(provider.asked) <= A_HANDFUL
    assert "accounts.main.auth: it was refused with 401" in said
    assert "small.yaml:8" in said
    assert "sk_stale" not in said
    assert_reported(tmp_path / "out", 2, "accounts.main.auth: it was refused with 401")
    assert not [path for path in (tmp_path / "out").iterdir() if b"sk_stale" in path.read_bytes()]


def assert_reported(out: Path, code: int, why: str) -> None:
    """Assert that every report is there, and that none of them reads as a pass."""
    assert {path.name for path in out.iterdir()} == {report.file for report in REPORTS if report.file}
    told = json.loads((out / "result.json").read_text())
    assert (told["result"], told["exit_code"], told["not_run"]) == ("INCONCLUSIVE", code, ["tiny"])
    assert why in " ".join(told["failure"].split())
    assert int(ET.parse(out / "junit.xml").getroot().get("errors", "0")) > 0
    assert json.loads((out / "ackord.sarif").read_text())["runs"][0]["invocations"][0]["exitCode"] == code
    assert json.loads((out / "ackord-code-quality.json").read_text())
    assert json.loads((out / "ackord-badge.json").read_text())["color"] == "lightgrey"


def html(asked: Asked, reply: Reply) -> Reply:
    return Reply(200, "<html><body>Please log in</body></html>")


def busy(asked: Asked, reply: Reply) -> Reply:
    return Reply(503, {"error": "busy"})


def hang_up(asked: Asked, reply: Reply) -> None:
    return None


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (html, 2, "the body cannot be read"),
        (busy, 4, "a transient error that stays"),
        (hang_up, 4, "got no answer"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_cannot_work_is_told_before_the_load(
    certify: Certify, tmp_path: Path, spoil: Any, code: int, says: str
) -> None:
    with SmallPayouts(spoil) as provider:
        ended, said = certify(provider)
    assert (ended, says in said) == (code, True), said
    assert len(provider.orders()) <= 3
    assert "Traceback" not in said
    assert_reported(tmp_path / "out", code, "")


def test_a_clock_that_is_off_is_told_beside_the_refusal(certify: Certify) -> None:
    def early(asked: Asked, reply: Reply) -> Reply:
        return Reply(401, {"error": "timestamp_expired"}, {"date": "Thu, 01 Jan 2026 00:00:00 GMT"})

    with SmallPayouts(early) as provider:
        code, said = certify(provider)
    assert code == 2
    assert "s ahead of the provider's (Thu, 01 Jan 2026 00:00:00 GMT)" in said


def test_a_provider_that_refuses_some_orders_is_judged_all_the_same(certify: Certify) -> None:
    def picky(asked: Asked, reply: Reply) -> Reply:
        refuse = asked.method == "POST" and len(provider.orders()) == 1
        return Reply(422, {"error": "invalid_amount"}) if refuse else reply

    with SmallPayouts(picky) as provider:
        code, said = certify(provider)
    assert code == 0, said


def test_an_order_that_is_not_found_is_for_the_run_to_judge(certify: Certify) -> None:
    def forgetful(asked: Asked, reply: Reply) -> Reply:
        return reply if asked.method == "POST" or "movements" in asked.path else Reply(404, {"error": "not_found"})

    with SmallPayouts(forgetful) as provider:
        code, said = certify(provider)
    assert code == 1
    assert "VIOLATED acknowledged-order-visible" in said


@pytest.mark.parametrize("orders", [1, 3, 4, 9])
def test_its_orders_count_for_the_contract_s_limit(certify: Certify, orders: int) -> None:
    with SmallPayouts() as provider:
        code, said = certify(provider, changes=(("orders: 400", f"orders: {orders}"),))
    assert code == (0 if orders > 1 else 3), said
    assert len(provider.orders()) == orders


def test_its_requests_are_counted_in_the_error_and_a_good_one_returns_its_orders(tmp_path: Path) -> None:
    with SmallPayouts() as provider:
        options = {"target": provider.url, "profiles": ["none"], "seed": RealClock().now_ns() % 1000, "out": tmp_path}
        plan = make_plan(RunOptions(contract_at(tmp_path), **options))  # type: ignore[arg-type]
        with open_environment(plan) as environment:
            assert preflight(plan, environment) == len(provider.orders()) == 1
            assert len(provider.asked) == 2
        wrong = make_plan(RunOptions(contract_at(tmp_path, ("sk_main", "sk_stale")), **options))  # type: ignore[arg-type]
        with open_environment(wrong) as environment, pytest.raises(UsageError, match="3 requests were sent"):
            preflight(wrong, environment)
