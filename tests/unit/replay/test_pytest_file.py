"""The test file that is written; live tests run it (tests/live/test_replay.py)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ackord.replay.confirmation import Confirmation
from ackord.replay.order_scenario import OrderScenario
from ackord.replay.player import Play, PlayOutcome
from ackord.replay.pytest_file import orders_needed, pytest_text, write_pytest_file

from .build import scenario


def confirmed(of: OrderScenario) -> Confirmation:
    return Confirmation(of, (Play(PlayOutcome.BROKEN, "", Path()),) * 5)


def test_a_test_reads_as_the_story_of_the_order() -> None:
    of = scenario(
        {"do": "arm", "fault": "replication-latency"},
        {"do": "submit", "faults": [{"fault": "lost-answer"}]},
        {"do": "submit", "wait_ms": 2.5},
        {"do": "query", "held": "until-acknowledged"},
        {"do": "query", "account": "other", "node": "B"},
        faults=({"fault": "replication-latency", "ms": 200},),
        payee='pay "ee"',
    )
    assert pytest_text(confirmed(of), Path()) == (
        '"""One order that broke acknowledged-order-visible, written by `ackord replay`: 5 of 5 plays broke it."""\n'
        "\n"
        "import pytest\n"
        "\n"
        "ORDERS = 4\n"
        '"""So many that at least one breaks the guarantee, as often as the plays did."""\n'
        "FAULTS = [\n"
        '    {"fault": "replication-latency", "ms": 200.0},\n'
        '    {"fault": "lost-answer", "match": {"operation": ["submit"], "attempt": [1]}},\n'
        "]\n"
        "\n"
        "\n"
        '@pytest.mark.ackord(contract="reference", faults=FAULTS)\n'
        "def test_acknowledged_order_visible(merchant, chaos):\n"
        "    world = merchant.world()\n"
        "    for _ in range(ORDERS):\n"
        '        order = world.create_order(500, payee="pay \\"ee\\"")\n'
        '        chaos.arm("lost-answer")\n'
        '        chaos.arm("replication-latency")\n'
        "        world.complete(world.begin(order, order.submit()))\n"
        "        world.wait(2_500_000)  # ns\n"
        "        submit_3 = order.submit()\n"
        '        query_4 = order.query(hold=f"ack:{submit_3.token}")\n'
        "        query_4_open = world.begin(order, query_4)\n"
        "        submit_3_open = world.begin(order, submit_3)\n"
        "        world.complete(submit_3_open)\n"
        "        world.complete(query_4_open)\n"
        "        other = order.as_other_account()\n"
        '        world.complete(world.begin(other, other.query()._replace(node="B")))\n'
        '    merchant.assert_held("acknowledged-order-visible")\n'
    )


def test_races_and_altered_payloads_are_python(tmp_path: Path) -> None:
    together = {"do": "submit", "held": "until-all-sent"}
    of = scenario(together, together, {"do": "submit", "amount_minor": 501})
    path = tmp_path / "tests" / "test_it.py"
    write_pytest_file(confirmed(of), path)
    text = path.read_text()
    ast.parse(text)
    assert text.count('order.submit(hold=f"barrier:{order.token}-1:2")') == 2
    assert "order.submit()._replace(payment=order.payment._replace(amount_minor=501))" in text
    assert "chaos" not in text


@pytest.mark.parametrize(
    ("guarantee", "outcome", "asserts"),
    [
        ("landing-bounded", PlayOutcome.HELD, 'merchant.assert_held("landing-bounded")'),
        ("landing-bounded", PlayOutcome.UNTESTED, "assert not verdict.findings, verdict.findings[0].summary"),
        ("refused-order-not-paid", PlayOutcome.BROKEN, "assert not verdict.findings, verdict.findings[0].summary"),
    ],
)
def test_a_guarantee_without_an_occasion_after_the_mend_passes_if_orders_were_taken(
    guarantee: str, outcome: PlayOutcome, asserts: str
) -> None:
    of = scenario({"do": "submit"}, guarantee=guarantee)
    text = pytest_text(Confirmation(of, (*confirmed(of).plays, Play(outcome, "", Path()))), Path())
    ast.parse(text)
    assert asserts in text
    assert ("assert acknowledged, " in text) == ("verdict.findings" in text)


def test_a_blow_is_armed_anew_for_each_order() -> None:
    of = scenario({"do": "submit"}, {"do": "arm", "fault": "node-crash"}, faults=({"fault": "node-crash"},))
    assert '        chaos.heal("node-crash")\n    merchant.assert_held' in pytest_text(confirmed(of), Path())


@pytest.mark.parametrize(("broken", "times", "orders"), [(10, 10, 3), (5, 5, 4), (1, 10, 73), (0, 10, 200)])
def test_as_many_orders_are_played_as_it_takes(broken: int, times: int, orders: int) -> None:
    assert orders_needed(broken, times) == orders
