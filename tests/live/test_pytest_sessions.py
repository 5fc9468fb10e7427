"""Sessions in which something stands in the plug-in's way: other versions of pytest, strict options, an order that is
shuffled, time-outs, a provider that is not there or that a fixture starts.
"""

from __future__ import annotations

import re
import shlex
import shutil
import socket
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ackord.guarantees import GUARANTEES

from ..tiers import gate
from .small_provider import CONTRACT, small_provider

pytest_plugins = ["pytester"]

PYTEST8 = Path(__file__).parents[2] / ".tools" / "pytest8"
ITEMS = len(list(GUARANTEES))
"""Guarantees: so many items a profile."""
PROFILE = """
name: tiny
incident: A quick one for tests.
phases: {disturb: {orders: 6, concurrency: 3}}
workload: {plain: 1, resubmit: 1}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
machine: false
"""
SHUFFLED = """
import random

def pytest_collection_modifyitems(items):
    random.Random(7).shuffle(items)
"""
TIMED = """
import signal
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    def late(number, frame):
        pytest.fail("Timeout >1.0s")
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
"""


@pytest.fixture
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The pytest that is ``installed``, or pytest ``8``, which .ci/pytest8.sh puts into .tools."""
    if request.param == "8":
        if not PYTEST8.is_dir():
            pytest.skip("there is no pytest 8 beside the installed one: run .ci/pytest8.sh")
        monkeypatch.setenv("PYTHONPATH", str(PYTEST8))
    return str(request.param)


@pytest.fixture
def contract(pytester: pytest.Pytester) -> Iterator[Path]:
    (pytester.path / "tiny.yaml").write_text(PROFILE)
    path = pytester.path / "tests" / "mine.yaml"
    path.parent.mkdir()
    (path.parent / "test_mine.py").write_text("def test_mine(): ...\n")
    (pytester.path / "test_top.py").write_text("def test_top(): ...\n")
    with small_provider() as url:
        path.write_text(CONTRACT.format(url=url))
        yield path


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    plain = ("-p", "no:randomly", "-p", "no:timeout", "--chaos-profile", "tiny.yaml")
    return pytester.runpytest_subprocess(*plain, *arguments, timeout=120)


def collected(result: pytest.RunResult) -> int:
    """How many items were collected."""
    found = re.search(r"^(\d+) tests? collected|^=+ (\d+) tests? collected", result.stdout.str(), re.MULTILINE)
    assert found, result.stdout.str()
    return int(found[1] or found[2])


LINES = [
    ("--contract tests/mine.yaml .", "", ITEMS + 2),
    ("--contract tests/mine.yaml . tests/mine.yaml -p no:xdist --strict-markers -W error", "", ITEMS + 2),
    ("--contract tests/mine.yaml", "testpaths = tests", ITEMS),
    ("", "testpaths = tests\nackord_contract = tests/mine.yaml", ITEMS + 1),
    ("-W error", "ackord_contract = tests/mine.yaml", ITEMS + 2),
    ("--contract tests/mine.yaml .", "norecursedirs = tests", ITEMS + 1),
    ("--contract reference test_top.py", "", ITEMS + 1),
    ("tests/mine.yaml .", "", ITEMS + 2),
    ("--contract tests/mine.yaml tests/mine.yaml::tiny::key-scope-respected", "", 1),
]
VERSIONS = ("installed", "8")
WORKERS = ("-p no:xdist", "-n 2", "-n 2 --dist loadgroup")


def line_of(case: tuple[str, str, str, int]) -> tuple[str, str, str]:
    return case[:3]


@pytest.mark.parametrize(
    ("version", "arguments", "ini", "items"),
    gate(
        [(version, *line) for version in VERSIONS for line in LINES],
        [("installed", *LINES[i][:2]) for i in (0, 3, 5, 6, 8)] + [("8", *LINES[i][:2]) for i in (1, 4)],
        line_of,
    ),
    indirect=["version"],
)
def test_no_item_is_lost(
    pytester: pytest.Pytester, contract: Path, version: str, arguments: str, ini: str, items: int
) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    assert collected(run(pytester, "--collect-only", "-q", *arguments.split())) == items


@pytest.mark.parametrize(
    ("version", "workers"),
    gate(list(product(VERSIONS, WORKERS)), [("installed", "-n 2 --dist loadgroup"), ("8", "-p no:xdist")]),
    indirect=["version"],
)
def test_all_items_pass_in_any_order_with_and_without_workers(
    pytester: pytest.Pytester, contract: Path, version: str, workers: str
) -> None:
    pytester.makeconftest(SHUFFLED)
    options = ["--strict-markers", "-W", "error", *workers.split()]
    result = run(pytester, "--contract", "tests/mine.yaml", ".", *options)
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] + outcomes["skipped"] == ITEMS + 2
    assert not outcomes.keys() & {"failed", "errors"}
    assert len(list(pytester.path.rglob("journal.jsonl"))) == 1
    result.stdout.fnmatch_lines(["report: ackord-out/pytest/*/mine/report.html", "evidence: ackord-out/pytest/*"])


@pytest.mark.parametrize("workers", gate(["-p no:xdist", "-n 2"], ["-p no:xdist"]))
def test_a_provider_that_is_not_there_is_one_error(pytester: pytest.Pytester, workers: str) -> None:
    (pytester.path / "tiny.yaml").write_text(PROFILE)
    (pytester.path / "mine.yaml").write_text(CONTRACT.format(url="http://127.0.0.1:9"))
    pytester.makepyfile("def test_one(merchant): ...\ndef test_two(merchant): ...\n")
    result = run(pytester, "--contract", "mine.yaml", ".", "-rs", *workers.split())
    result.assert_outcomes(errors=1, skipped=ITEMS + 1)
    result.stdout.fnmatch_lines(
        [
            "the provider at http://127.0.0.1:9 cannot be reached: *",
            "*mend: start it, or give its address with --chaos-target",
            "SKIPPED*not run: the provider at http://127.0.0.1:9 cannot be reached*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*--target*")


@pytest.mark.parametrize("version", gate(VERSIONS, ["installed"]), indirect=True)
def test_an_autouse_fixture_starts_the_provider_for_the_contract_s_items_too(
    pytester: pytest.Pytester, version: str
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shutil.copy(Path(__file__).with_name("small_provider.py"), pytester.path)
    (pytester.path / "tiny.yaml").write_text(PROFILE)
    (pytester.path / "mine.yaml").write_text(CONTRACT.format(url=f"http://127.0.0.1:{port}"))
    pytester.makeconftest(
        f"""
        import pytest
        from small_provider import small_provider

        @pytest.fixture(scope="module", autouse=True)
        def server():
            with small_provider({port}):
                yield
        """
    )
    result = run(pytester, "--contract", "mine.yaml", "-p", "no:xdist")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] + outcomes["skipped"] == ITEMS
    assert outcomes["passed"] >= 2


def test_a_time_out_ends_the_run_and_is_told_once(pytester: pytest.Pytester, contract: Path) -> None:
    pytester.makeconftest(TIMED)
    (pytester.path / "tiny.yaml").write_text(PROFILE.replace("orders: 6", "orders: 20000"))
    result = run(pytester, "--contract", "tests/mine.yaml", "-p", "no:xdist", "-rs", "--chaos-budget", "deep")
    result.assert_outcomes(errors=1, skipped=ITEMS - 1)
    result.stdout.fnmatch_lines(["*Timeout >1.0s*", "SKIPPED*not run: Timeout >1.0s*"])


def test_a_time_out_reaches_a_test_that_waits_for_the_provider(pytester: pytest.Pytester, contract: Path) -> None:
    pytester.makeconftest(TIMED.replace("1.0)", "3.0)"))
    pytester.makepyfile(
        test_slow="""
        import pytest

        @pytest.mark.ackord(faults=[{"fault": "latency", "ms": 1500}])
        def test_slow(merchant, chaos):
            chaos.arm()
            while True:
                merchant.submit()
        """
    )
    result = run(
        pytester, "test_slow.py", "--contract", "tests/mine.yaml", "-p", "no:xdist", "-m", "not ackord_guarantee"
    )
    result.assert_outcomes(failed=1, deselected=ITEMS)
    result.stdout.fnmatch_lines(["*Timeout >1.0s*"])


def test_the_repeat_line_is_a_line_for_pytest(pytester: pytest.Pytester, contract: Path) -> None:
    pytester.makepyfile(
        test_one="""
        def test_one(merchant):
            order = merchant.submit()
            merchant.assert_held("key-scope-respected")
        """
    )
    result = run(pytester, "--contract", "tests/mine.yaml", "test_one.py", "-p", "no:xdist", "-k", "test_one")
    result.assert_outcomes(failed=1, deselected=ITEMS)
    line = next(x for x in result.outlines if x.startswith("repeat with ")).removeprefix("repeat with ")
    words = shlex.split(line)
    assert words[0] == "pytest"
    again = pytester.runpytest_subprocess(*words[1:], "-p", "no:xdist", "-p", "no:randomly", timeout=120)
    again.assert_outcomes(failed=1, deselected=ITEMS)
    assert f"--chaos-seed {words[words.index('--chaos-seed') + 1]}" in again.stdout.str()


@pytest.mark.parametrize("workers", gate(["-p no:xdist", "-n 1"], ["-p no:xdist"]))
def test_profiles_that_cannot_run_are_skipped_items_and_are_told_at_the_end(
    pytester: pytest.Pytester, contract: Path, workers: str
) -> None:
    chosen = "profile-judged or (none and acknowledged-order-visible)"
    plain = ("-p", "no:randomly", "-p", "no:timeout", "--contract", "tests/mine.yaml", "-k", chosen)
    result = pytester.runpytest_subprocess(*plain, "--junitxml", "junit.xml", *workers.split(), timeout=120)
    told = re.search(r"^mine: (\d+) of \d+ default profiles cannot run here: (.*)$", result.stdout.str(), re.MULTILINE)
    assert told, result.stdout.str()
    assert "no seam for replication (" in told[2]
    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["skipped"]) == (1, int(told[1]))
    skipped = ET.parse(pytester.path / "junit.xml").getroot().iter("skipped")
    assert "the profile replica-lag cannot run here: no seam for replication" in [s.get("message") for s in skipped]


def test_profiles_that_were_chosen_leave_nothing_out(pytester: pytest.Pytester, contract: Path) -> None:
    result = run(pytester, "--contract", "tests/mine.yaml", "-k", "acknowledged-order-visible", "-rs")
    assert result.parseoutcomes()["passed"] == 1
    assert "cannot run here" not in result.stdout.str()
