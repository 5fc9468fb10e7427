"""Every shipped contract, served by the emulator and certified against it: HELD, or UNSAFE exactly where its facts say
so. The table in docs/EVIDENCE.md is the oracle.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.loading.loader import contract_names
from ackord.core.verdict import Result
from ackord.providers.flaws import FLAWS
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

from ..tiers import gate, suite_seed
from .shipped_table import BY_PROFILE_HEAD, HEAD, certified, profiles_of, row

EVIDENCE = Path(__file__).parents[2] / "docs" / "EVIDENCE.md"
TABLE, BY_PROFILE = (
    EVIDENCE.read_text().partition(f"<!-- {marker} -->\n")[2].partition(f"<!-- /{marker} -->")[0]
    for marker in ("contracts", "by-profile")
)


def test_the_table_has_a_row_for_every_contract_and_no_other() -> None:
    rows = TABLE.removeprefix(HEAD).strip().splitlines()
    assert [line.split("`")[1] for line in rows] == contract_names("contracts")


def test_every_contract_stands_under_every_profile_and_under_callbacks_if_it_has_any() -> None:
    assert BY_PROFILE.startswith(BY_PROFILE_HEAD)
    rows = BY_PROFILE.removeprefix(BY_PROFILE_HEAD).strip().splitlines()
    assert [line.split("`")[1] for line in rows] == contract_names("contracts")
    for line in rows:
        cells = line.strip("| ").split(" | ")[1:]
        judged = [cell != "-" for cell in cells]
        assert judged.count(True) == len(profiles_of(line.split("`")[1])), line
        assert not any(word in line for word in ("VIOLATED", "INCONCLUSIVE", "ERROR")), line


IN_THE_GATE = (
    "alipay-transfer",  # not-found is a word of the body
    "paypal-payouts",  # batches, and the order is found in a list
    "stripe-payment-intents",  # forms, signed callbacks
    "uk-open-banking-domestic-payments",  # tokens, signatures of messages, prerequisites
    "unionpay-dsf",  # signed forms in both directions
    "wechatpay-v2-transfers",  # XML
)
"""One of each kind, beside those that are judged with a flaw below; the emulators of all are judged in full, and all
contracts are loaded and read by the unit tests.
"""


@pytest.mark.parametrize("name", gate(contract_names("contracts"), IN_THE_GATE))
def test_a_contract_s_emulator_is_judged_as_the_readme_says(
    name: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """On a quiet day, which breaks all but what needs a lost answer; the other profiles are played in every encoding by
    the tests of flaws.
    """
    budget = "standard" if pytestconfig.getoption("--full") else "quick"
    found = row(name, certified(name, tmp_path, suite_seed(), ["none"], budget))
    (stated,) = [line for line in TABLE.splitlines() if line.startswith(f"| `{name}` |")]
    *facts, judged = found.removesuffix(" |").split(" | ")
    *stated_facts, stated_judged = stated.removesuffix(" |").split(" | ")
    assert facts == stated_facts
    assert judged.partition(" in ")[0] in ("HELD", stated_judged.partition(" in ")[0])
    assert set(judged.split("`")[1::2]) <= set(stated_judged.split("`")[1::2]), (judged, stated_judged)
    if stated_judged == "HELD":
        assert judged == "HELD"


@pytest.mark.parametrize(
    ("name", "expected"),
    gate(
        [
            ("reference", Result.VIOLATED),  # not_found: forbidden
            ("wechatpay-v3-transfer-bills", Result.UNSAFE),  # it may be said at any time: a naive merchant pays twice
            ("mojaloop-fspiop", Result.UNSAFE),  # nothing is documented, and an unknown order is told by callback
            ("x402-facilitator", Result.UNSAFE),  # a node of the chain may be behind
        ],
        ["reference", "mojaloop-fspiop"],
        lambda case: case[0],
    ),
)
def test_what_a_lagging_replica_is_depends_on_what_was_promised(name: str, expected: Result, tmp_path: Path) -> None:
    plan = make_plan(
        RunOptions(
            name, target="emulator", flaw="standby-reads", profiles=["replica-lag"], seed=suite_seed(), out=tmp_path
        )
    )
    with Session(plan) as session:
        verdict = session.run(load_profile("replica-lag")).verdict
    assert verdict.of("acknowledged-order-visible").result is expected


@pytest.mark.parametrize(
    ("name", "flaw"),
    gate(
        [
            (name, flaw)
            for name in ("acp-checkout", "ucp-checkout", "x402-facilitator")
            for flaw in (
                "altered-accepted", "check-then-insert", "key-unscoped", "new-provider-id", "resubmit-reads-failed",
            )
        ],
        [
            ("acp-checkout", "new-provider-id"),
            ("ucp-checkout", "altered-accepted"),
            ("x402-facilitator", "check-then-insert"),
        ],
    ),
)  # fmt: skip
def test_a_flaw_is_caught_behind_an_agentic_protocol(name: str, flaw: str, tmp_path: Path) -> None:
    """These protocols have no list of payments: what is found is found by the answers alone."""
    twin = FLAWS.get(flaw)
    plan = make_plan(
        RunOptions(name, target="emulator", flaw=flaw, profiles=[twin.profile], seed=suite_seed(), out=tmp_path)
    )
    with Session(plan) as session:
        verdict = session.run(load_profile(twin.profile)).verdict
    assert verdict.of(twin.caught_by).result is Result.VIOLATED
