"""A run shows which seed it was dealt by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ackord.certificate.challenge import checked_nonce, seed_of_challenge, unlike_seed
from ackord.contract.loading.loader import load_contract
from ackord.core.event import Begin
from ackord.core.history import History
from ackord.errors import UsageError

from .build import recorded

CONTRACT = load_contract("reference").contract


def test_each_challenge_has_its_seed() -> None:
    seeds = {seed_of_challenge(f"challenge-{n}") for n in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert seed_of_challenge("challenge-1") == seed_of_challenge("challenge-1")


@pytest.mark.parametrize("text", ["", "short", " has a space before", "two\nlines of it", "x" * 201, "a\u202ebcdefgh"])
def test_what_nobody_could_tell_apart_is_no_challenge(text: str) -> None:
    with pytest.raises(UsageError, match="this is no challenge"):
        checked_nonce(text)


def test_a_run_fits_its_own_seed_and_no_other() -> None:
    header, events = recorded(seed=3)
    assert unlike_seed(History(header, events), CONTRACT) == ""
    other = unlike_seed(History(replace(header, seed=4), events), CONTRACT)
    assert other == "0 of 6 orders have the amounts that the seed 4 deals: another run's orders"


def test_a_handful_of_orders_tells_nothing() -> None:
    header, events = recorded()
    few = [e for e in events if not isinstance(e, Begin) or int(e.order[-6:]) < 4]
    assert unlike_seed(History(replace(header, seed=4), few), CONTRACT) == ""


def test_numbers_without_digits_tell_nothing() -> None:
    header, events = recorded()
    uuids = load_contract("reference").contract.model_copy(
        update={"order_no": CONTRACT.order_no.model_copy(update={"alphabet": "a-z"})}
    )
    assert unlike_seed(History(replace(header, seed=4), events), uuids) == ""
