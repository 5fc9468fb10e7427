"""The plug-in's fixtures and marks, as somebody uses them whose own client is to be judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.core.verdict import Result
from ackord.guarantees import GUARANTEES
from ackord.run.audit import audit_recordings

from .small_provider import CONTRACT, small_provider

pytest_plugins = ["pytester"]

CLIENT = """
import json, urllib.error, urllib.request
import pytest

def call(provider, method, path, amount=None, number="", key="sk_main"):
    body = None if amount is None else json.dumps({"amount": amount, "currency": "EUR", "payee": "p"}).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    if number:
        headers["x-order-number"] = number
    request = urllib.request.Request(provider.edge_url + path, method=method, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        error.read()
        return error.code
"""


@pytest.fixture
def contract(pytester: pytest.Pytester) -> Iterator[Path]:
    path = pytester.path / "mine.yaml"
    with small_provider() as url:
        path.write_text(CONTRACT.format(url=url))
        yield path


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:randomly", "-W", "error", *arguments, timeout=120)


def test_calls_of_one_s_own_client_are_judged_and_counted(pytester: pytest.Pytester, contract: Path) -> None:
    pytester.makepyfile(
        test_own=CLIENT
        + """
pytestmark = pytest.mark.ackord(contract="mine.yaml")

def test_correct(provider, merchant):
    assert call(provider, "POST", "/orders", 500, "order-000001") == 200
    assert call(provider, "POST", "/orders", 500, "order-000001") == 200
    assert call(provider, "POST", "/orders", 501, "order-000001") == 409
    assert call(provider, "GET", "/orders/order-000001") == 200
    assert call(provider, "GET", "/health") == 404
    merchant.assert_held(
        "acknowledged-order-visible", "resubmission-moves-money-once", "conflicting-resubmission-refused"
    )
    assert merchant.foreign_calls.judged == 4
    assert "1 not judged: 1 x GET /health: no operation of the contract" in " ".join(merchant.verdict().notes)

def test_two_accounts_may_use_one_number(provider, merchant):
    for key in ("sk_main", "sk_other"):
        assert call(provider, "POST", "/orders", 500 if key == "sk_main" else 700, "order-000002", key) == 200
        assert call(provider, "GET", "/orders/order-000002", key=key) == 200
    merchant.assert_held("acknowledged-order-visible")

def test_stale(provider, merchant):
    call(provider, "POST", "/orders", 500, "stale-000001")
    assert call(provider, "GET", "/orders/stale-000001") == 404
    merchant.assert_held()

def test_nothing_was_read(provider, merchant):
    call(provider, "GET", "/health")
    merchant.assert_held()

def test_a_lost_answer_of_one_s_own_client(provider, merchant, chaos):
    chaos.arm("lost-answer")
    with pytest.raises(OSError):
        call(provider, "POST", "/orders", 500, "order-000003")
    chaos.assert_fired("lost-answer")
    chaos.heal()
    assert call(provider, "POST", "/orders", 500, "order-000003") == 200
    merchant.assert_held("lost-ack-recoverable", "resubmission-moves-money-once")

test_a_lost_answer_of_one_s_own_client = pytest.mark.ackord(faults=["lost-answer"])(
    test_a_lost_answer_of_one_s_own_client
)
"""
    )
    result = run(pytester, "-v")
    result.stdout.fnmatch_lines(
        [
            "*::test_correct PASSED*",
            "*::test_two_accounts_may_use_one_number PASSED*",
            "*::test_stale FAILED*",
            "*::test_nothing_was_read FAILED*",
            "*::test_a_lost_answer_of_one_s_own_client PASSED*",
            "E  *VIOLATED  acknowledged-order-visible*",
            "*stale-000001*",
            "*404*",
            "*broken clause*",
            "*repeat with*pytest test_own.py::test_stale -m 'not ackord_guarantee'*--chaos-seed*",
            "*2 calls of your own client judged*",
            "*evidence: ackord-out/pytest/*",
            "E  *nothing was put to the test*",
            "*0 calls of your own client judged, 1 not judged: 1 x GET /health*",
            "*= ackord =*",
            "test_own.py::test_correct: 4 calls of your own client judged, 1 not judged*",
            "evidence: ackord-out/pytest/seed*",
        ]
    )
    result.stdout.no_fnmatch_line("*object at 0x*")
    assert len(list(pytester.path.rglob("tests/*/report.html"))) == 5


def test_a_fault_says_what_it_can_hit_and_whether_it_did(pytester: pytest.Pytester, contract: Path) -> None:
    pytester.makepyfile(
        test_faults="""
import pytest
from ackord.errors import UnknownNameError, UsageError

NUMBERS = []

@pytest.mark.ackord(faults=["lost-answer"])
def test_it_fires(merchant, chaos):
    armed = chaos.arm("lost-answer")
    assert armed.hits[:2] == ("submit of order 1", "query of order 1")
    assert "each submit or resubmit or query" in str(armed)
    order = merchant.submit()
    NUMBERS.append(order.payment.order_no)
    assert not order.acknowledged
    chaos.assert_fired()
    chaos.heal()
    merchant.resubmit(order)
    merchant.assert_held("lost-ack-recoverable")

@pytest.mark.ackord(faults=[{"fault": "lost-answer", "match": {"operation": ["query"]}}])
def test_it_does_not_fire(merchant, chaos):
    armed = chaos.arm("lost-answer")
    assert "no call of your own client" in armed.can_hit
    order = merchant.submit()
    NUMBERS.append(order.payment.order_no)
    chaos.assert_fired("lost-answer")

def test_on_one_call(merchant, chaos):
    order = merchant.submit(inject="lost-answer")
    NUMBERS.append(order.payment.order_no)
    assert not order.acknowledged
    chaos.assert_fired("lost-answer")
    assert merchant.resubmit(order) is not None
    assert merchant.query(order, inject="stale-answer") is not None
    assert merchant.query(order, inject="lost-answer") is None

def test_a_wrong_name(merchant, chaos):
    with pytest.raises(UnknownNameError):
        merchant.submit(inject="lost-anwser")
    with pytest.raises(UsageError, match="hits queries alone"):
        merchant.submit(inject="stale-answer")
    with pytest.raises(UsageError, match="has no faults"):
        chaos.arm()
    with pytest.raises(AssertionError, match="no fault was armed"):
        chaos.assert_fired()

def test_no_two_tests_share_a_number():
    assert len(set(NUMBERS)) == 3
"""
    )
    pytester.makeini("[pytest]\nackord_contract = mine.yaml\n")
    result = run(pytester, "-v", "test_faults.py", "-m", "not ackord_guarantee")
    result.stdout.fnmatch_lines(
        [
            "*::test_it_fires PASSED*",
            "*::test_it_does_not_fire FAILED*",
            "*::test_on_one_call PASSED*",
            "*::test_a_wrong_name PASSED*",
            "*::test_no_two_tests_share_a_number PASSED*",
            "E  *lost-answer was armed and had no effect.*",
            "E  *it can hit: each query; of orders 1 to 10 with this seed: query of order 1, *",
            "E  *calls since then: submit of *",
            'E  *mend: *merchant.submit(inject="lost-answer")*',
        ]
    )


def test_a_mark_chooses_profile_and_seed_and_several_profiles_are_all_played(
    pytester: pytest.Pytester, contract: Path
) -> None:
    pytester.makepyfile(
        test_marks="""
import pytest

@pytest.mark.ackord(profile="lost-answers", seed=99)
def test_one(merchant):
    assert (merchant.profile.name, merchant.plan.seed) == ("lost-answers", 99)

def test_both(merchant):
    assert merchant.profile.name in ("lost-answers", "latency")

@pytest.mark.ackord(profile=["latency", "none"])
def test_its_own(merchant):
    assert merchant.profile.name in ("latency", "none")

@pytest.mark.ackord(contract="nobody")
def test_nobody(merchant): ...

@pytest.mark.ackord(profile="replica-lag")
def test_no_seam(merchant): ...

@pytest.mark.ackord(faults=["lost-anwser"])
def test_no_fault(merchant): ...

def test_late(request):
    request.getfixturevalue("merchant")
"""
    )
    result = run(
        pytester, "test_marks.py", "--contract", "mine.yaml", "-m", "not ackord_guarantee", "-v",
        "--chaos-profile", "lost-answers", "--chaos-profile", "latency",
    )  # fmt: skip
    result.stdout.fnmatch_lines(
        [
            "*::test_one PASSED*",
            "*::test_both?lost-answers? PASSED*",
            "*::test_both?latency? PASSED*",
            "*::test_its_own?latency? PASSED*",
            "*::test_its_own?none? PASSED*",
            'no contract is called "nobody"*',
            "*replica-lag needs replication*",
            "*choose one of them with --chaos-target, or another --chaos-profile*",
            'no fault is called "lost-anwser". Did you mean "lost-answer"?*',
            "the profiles lost-answers, latency are named, and this test asks for its fixtures while it runs.",
        ]
    )
    result.assert_outcomes(passed=5, errors=4, failed=1, deselected=2 * len(list(GUARANTEES)))
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_wrong_mark_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.ackord(profiles=["latency"])
        def test_one(): ...
        """
    )
    result = run(pytester)
    result.stdout.fnmatch_lines(
        ['*no keyword of @pytest.mark.ackord is called "profiles". Did you mean "profile"?*', "*1 error*"]
    )


def test_without_a_contract_the_option_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(merchant): ...\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["no contract is named*", "*expected: --contract NAME_OR_FILE, ackord_contract in*"])


def test_fixtures_are_documented(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--fixtures", "-q")
    for words in ('inject="lost-answer"', "assert_fired", "assert_held", "provider.edge_url", "order_machine"):
        result.stdout.fnmatch_lines([f"*{words}*"])


def test_a_journal_with_calls_of_one_s_own_client_can_be_audited(pytester: pytest.Pytester, contract: Path) -> None:
    pytester.makepyfile(
        test_own=CLIENT
        + """
@pytest.mark.ackord(contract="mine.yaml", faults=["lost-answer", {"fault": "duplicate-delivery", "copies": 2}])
def test_all(provider, merchant, chaos):
    for number in ("order-000001", "stale-000001"):
        call(provider, "POST", "/orders", 500, number)
        call(provider, "POST", "/orders", 500, number)
        call(provider, "GET", f"/orders/{number}")
    chaos.arm("duplicate-delivery")
    call(provider, "POST", "/orders", 500, "order-000002")
    chaos.assert_fired()
    merchant.settle()
    assert merchant.verdict().of("resubmission-moves-money-once").result == "HELD"
    assert merchant.verdict().of("acknowledged-order-visible").result == "VIOLATED"
"""
    )
    run(pytester).assert_outcomes(passed=1)
    (journal,) = pytester.path.rglob("journal.jsonl")
    (audited,) = audit_recordings([journal], contract=str(contract)).profiles
    assert audited.verdict.of("acknowledged-order-visible").result is Result.VIOLATED
    assert audited.verdict.of("resubmission-moves-money-once").result is Result.HELD
    assert not any("were not read again" in note for note in audited.verdict.notes)
