"""Why a profile cannot be run: a seam of the target, or a section of the contract, is missing."""

from __future__ import annotations

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.errors import UsageError
from ackord.run.possible_profiles import left_out, refuse_without_operation, why_impossible
from ackord.run.resolve import load_profile

REFERENCE = load_contract("reference")
WITHOUT = load_contract("wise-transfers", env=PlaceholderEnv())


@pytest.mark.parametrize(
    ("profile", "seams", "with_them", "without"),
    [
        ("none", [], "", ""),
        ("refunds", ["edge"], "", "the contract has no section refund"),
        ("statement-paging", [], "", "the contract has no section statement"),
        ("cancel-race", ["edge"], "", "the contract has no section cancel"),
        ("replica-lag", ["edge"], "no seam for replication", "no seam for replication"),
    ],
)
def test_the_reason(profile: str, seams: list[str], with_them: str, without: str) -> None:
    found = load_profile(profile)
    assert why_impossible(found, REFERENCE.contract, seams) == with_them
    assert why_impossible(found, WITHOUT.contract, seams) == without


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("500ms", ""),
        ("31s", "the statement is whole only 31s (statement.available_after), and no run waits so long"),
        ("next day 10:00 UTC", "the statement is whole only next day 10:00 UTC"),
    ],
)
def test_a_statement_that_is_whole_long_after_the_run_is_not_read(after: str, said: str) -> None:
    statement = REFERENCE.contract.statement
    assert statement is not None
    later = REFERENCE.contract.model_copy(update={"statement": statement.model_copy(update={"available_after": after})})
    assert why_impossible(load_profile("statement-paging"), later, []).startswith(said)
    assert bool(said) == bool(why_impossible(load_profile("statement-paging"), later, []))


def test_a_profile_that_was_chosen_is_refused_with_the_section_that_it_needs() -> None:
    refuse_without_operation([load_profile("refunds")], REFERENCE)
    with pytest.raises(UsageError, match="refunds cannot be run: the contract has no section refund") as caught:
        refuse_without_operation([load_profile("none"), load_profile("refunds")], WITHOUT)
    assert str(WITHOUT.path) in str(caught.value)


def test_what_is_left_out_says_what_it_would_have_shown() -> None:
    said = left_out(load_profile("refunds"), "because")
    assert (said.profile, said.reason) == ("refunds", "because")
    assert "refund-moves-money-once" in said.exposes
