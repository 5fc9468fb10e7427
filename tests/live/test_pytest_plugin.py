"""The pytest plugin, as a QA engineer uses it: in a session of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ackord.guarantees import GUARANTEES
from ackord.providers.reference.api import ServiceHolder, build_app

pytest_plugins = ["pytester"]

README = Path(__file__).parents[2] / "README.md"
ITEMS = len(list(GUARANTEES))
"""Guarantees: so many items a profile."""
PROFILE = """
name: small
incident: A quick one for tests.
phases: {disturb: {orders: 24, concurrency: 8}}
workload: {plain: 2, resubmit: 2, unknown: 1}
faults:
  - {fault: replication-latency, ms: 150, proves: [acknowledged-order-visible]}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
exposure_window: 150ms
machine: false
"""


@pytest.fixture
def small(pytester: pytest.Pytester) -> Path:
    path = pytester.path / "small.yaml"
    path.write_text(PROFILE)
    return path


def test_one_item_a_guarantee_and_profile(pytester: pytest.Pytester, small: Path) -> None:
    result = pytester.runpytest_subprocess(
        "--contract", "reference", "--chaos-profile", str(small), "-v", "--chaos-seed", "5"
    )
    result.stdout.fnmatch_lines(
        [
            "*ackord: contract reference, seed 5*",
            "*small::acknowledged-order-visible PASSED*",
            "*small::key-scope-respected SKIPPED*",
        ]
    )
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] + outcomes["skipped"] == ITEMS
    assert "failed" not in outcomes


def test_answers_are_held_to_a_document(pytester: pytest.Pytester, small: Path) -> None:
    (pytester.path / "openapi.json").write_text(json.dumps(build_app(ServiceHolder()).openapi()))
    pytester.makeini("[pytest]\nackord_openapi = openapi.json\nackord_openapi_strict = true\n")
    result = pytester.runpytest_subprocess(
        "--contract", "reference", "--chaos-profile", str(small), "-v", "-k", "answers-match-schema"
    )
    result.stdout.fnmatch_lines(["*small::answers-match-schema PASSED*"])


def test_a_flaw_fails_its_item_with_evidence_and_a_command(pytester: pytest.Pytester, small: Path) -> None:
    result = pytester.runpytest_subprocess(
        "--contract", "reference", "--chaos-profile", str(small), "--chaos-flaw", "standby-reads",
        "-k", "acknowledged-order-visible", "--junitxml", "junit.xml",
    )  # fmt: skip
    result.assert_outcomes(failed=1, deselected=ITEMS - 1)
    result.stdout.fnmatch_lines(
        [
            "*404 ORDER_NOT_FOUND*",
            "*pytest --contract reference --chaos-flaw standby-reads --chaos-profile *small.yaml *--chaos-seed*",
            "report: ackord-out/pytest/seed*/reference/report.html",
            "evidence: ackord-out/pytest/seed*",
        ]
    )
    assert len(list(pytester.path.rglob("report.html"))) == 1
    result.stdout.no_fnmatch_line("*Traceback*")
    xml = (pytester.path / "junit.xml").read_text()
    assert 'name="result" value="VIOLATED"' in xml


def test_workers_share_one_run(pytester: pytest.Pytester, small: Path) -> None:
    result = pytester.runpytest_subprocess(
        "--contract", "reference", "--chaos-profile", str(small), "-n", "2", "--chaos-out", "out"
    )
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] + outcomes["skipped"] == ITEMS
    assert len(list((pytester.path / "out").rglob("journal.jsonl"))) == 1
    result.stdout.fnmatch_lines(["report: out/run-*/reference/report.html", "evidence: out/run-*"])


def test_a_contract_alone_is_all_that_is_collected_and_with_paths_comes_on_top(
    pytester: pytest.Pytester, small: Path
) -> None:
    pytester.makepyfile(test_mine="def test_mine(): pass")
    options = ["--contract", "reference", "--chaos-profile", str(small), "--collect-only", "-q"]
    alone = pytester.runpytest_subprocess(*options)
    alone.stdout.fnmatch_lines(["reference.yaml::small::acknowledged-order-visible"])
    alone.stdout.no_fnmatch_line("*test_mine*")
    both = pytester.runpytest_subprocess("test_mine.py", *options)
    both.stdout.fnmatch_lines(["test_mine.py::test_mine", "*::small::acknowledged-order-visible"])


def test_a_session_without_xdist_is_not_disturbed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")
    pytester.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=1)


def test_a_contract_file_can_be_named_by_itself(pytester: pytest.Pytester, small: Path) -> None:
    contract = pytester.path / "mine.yaml"
    contract.write_text((Path(__file__).parents[2] / "contracts" / "reference.yaml").read_text())
    result = pytester.runpytest_subprocess(contract, "--chaos-profile", str(small), "--collect-only", "-q")
    result.stdout.fnmatch_lines(["mine.yaml::small::acknowledged-order-visible"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--contract", "nobody"], "*no contract is called*"),
        (["--contract", "reference", "--chaos-profile", "nothing"], "*no chaos profile is called*"),
    ],
)
def test_a_mistake_is_told_without_a_traceback(pytester: pytest.Pytester, arguments: list[str], says: str) -> None:
    result = pytester.runpytest_subprocess(*arguments)
    (result.stderr if arguments[1] == "nobody" else result.stdout).fnmatch_lines([says])
    for stream in (result.stdout, result.stderr):
        stream.no_fnmatch_line("*Traceback*")
    assert result.ret not in (0, 5)


def test_fixtures_and_a_machine_of_one_s_own(pytester: pytest.Pytester, small: Path) -> None:
    pytester.makepyfile(
        """
        from hypothesis.stateful import rule
        from ackord.core.operation import Observation
        from ackord.core.verdict import Result
        from ackord.workload.order_machine import OrderMachine, order_machine, run_machine

        def test_lag_is_seen_by_the_merchant(merchant, chaos, history):
            chaos.arm("replication-latency")
            order = merchant.submit(amount_minor=1999)
            assert order.acknowledged
            assert merchant.query(order).observation is Observation.NOT_FOUND
            chaos.heal("replication-latency")
            merchant.settle()
            assert merchant.verdict().of("acknowledged-order-visible").result is Result.VIOLATED
            chaos.assert_fired("replication-latency")

        def test_my_machine(merchant):
            asked = []

            class Mine(order_machine(merchant.world(), "Mine")):
                @rule(order=OrderMachine.orders)
                def query_twice(self, order):
                    asked.append(order.ordinal)
                    self.do(order, order.query())
                    self.do(order, order.query())

            run_machine(Mine, examples=4, steps=20, seed_value=3)
            assert asked
            assert merchant.history().orders
        """
    )
    result = pytester.runpytest_subprocess(
        "--contract", "reference", "--chaos-profile", str(small), "--chaos-flaw", "standby-reads", "-m",
        "not ackord_guarantee", ".",
    )  # fmt: skip
    result.assert_outcomes(passed=2, deselected=ITEMS)


@pytest.mark.skipif(not README.is_file(), reason="the README is in a checkout only")
@pytest.mark.parametrize(("flaw", "broken"), [("", 0), ("paid-under-cut-number", 1)])
def test_the_readme_s_test_passes_beside_the_contract_s_items(
    pytester: pytest.Pytester, small: Path, flaw: str, broken: int
) -> None:
    """It leaves its order open. That order is no stranger's to the items; one that nobody submitted still is."""
    (shown,) = re.findall(r"With `pytest (test_lag\.py) .*?```python\n(.*?)```", README.read_text(), re.DOTALL)
    (pytester.path / shown[0]).write_text(shown[1])
    result = pytester.runpytest_subprocess(
        shown[0], "--contract", "reference", "--chaos-profile", str(small), "--chaos-flaw", flaw, "--chaos-seed", "5",
        "-k", "test_lag or unordered-number-not-paid",
    )  # fmt: skip
    result.assert_outcomes(passed=2 - broken, failed=broken, deselected=ITEMS - 1)


def test_the_ready_suite(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(
        "--pyargs", "ackord.suite", "--contract", "reference", "-m", "not ackord_guarantee", "--chaos-profile", "none"
    )
    result.assert_outcomes(passed=3, deselected=ITEMS)
