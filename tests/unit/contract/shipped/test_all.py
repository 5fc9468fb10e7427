"""What every shipped contract owes: it loads, it says where each of its claims was read or that nobody says, and it
holds no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ackord.contract.loading.loader import contract_names, shipped
from ackord.contract.signing import Secret
from ackord.contract.spec.model import Contract

from .support import loaded

SHIPPED = [name for name in contract_names("contracts") if name != "reference"]
"""The reference is our own: nobody else documents it."""

JUDGED = (
    "not_found",
    "later_edges",
    "on_same_payload",
    "on_other_payload",
    "caches_transient_errors",
    "key_retention",
    "key_scope",
)
"""Promises that a provider is held to even where a contract is silent, for then the strict default holds."""
WHERE_GIVEN = ("lands_within", "settles_within")


def claims(contract: Contract) -> Iterator[str]:
    """The places of a contract that somebody must have written down."""
    yield from ("accounts", "order_no", "states")
    for operation in ("submit", "query", "cancel"):
        part = getattr(contract, operation)
        if part is not None:
            yield f"{operation}.request"
            yield from (f"{operation}.answers[{index}]" for index in range(len(part.answers)))
    yield from (f"callbacks[{index}]" for index in range(len(contract.callbacks)))
    yield from (f"prerequisites[{index}]" for index in range(len(contract.prerequisites)))
    yield from (f"sandbox_triggers.{name}" for name in contract.sandbox_triggers)
    yield from (part for part in ("ledger", "statement", "batch", "base_url", "production") if getattr(contract, part))
    yield from (f"promises.{name}" for name in JUDGED)
    yield from (f"promises.{name}" for name in WHERE_GIVEN if getattr(contract.promises, name) is not None)
    yield from (f"timing.{name}" for name in contract.timing.model_fields_set)
    yield from (f"limits.{name}" for name in ("rate_per_s", "query_window") if getattr(contract.limits, name))


def covered(place: str, said: set[str]) -> bool:
    """By an entry for itself, for what is above it, or by entries for parts of it."""
    while place:
        if place in said or any(entry.startswith((f"{place}.", f"{place}[")) for entry in said):
            return True
        dot, bracket = place.rfind("."), place.rfind("[")
        place = place[: max(dot, bracket, 0)]
    return False


@pytest.mark.parametrize("name", SHIPPED)
def test_every_claim_has_a_source_or_is_known_to_have_none(name: str) -> None:
    contract = loaded(name).contract
    said = {*contract.facts, *contract.undocumented}
    assert [place for place in claims(contract) if not covered(place, said)] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_sources_are_used_and_are_public(name: str) -> None:
    contract = loaded(name).contract
    assert contract.facts and set(contract.facts.values()) == set(contract.sources)
    text = loaded(name).path.read_text(encoding="utf-8")
    assert "[memory]" not in text and not re.search(r"/(?:home|root|work)/", text)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_secret_stands_in_a_file(name: str) -> None:
    found = loaded(name)
    for account, part in found.contract.accounts.items():
        for scheme, settings in part.auth.schemes() if part.auth is not None else ():
            values = {(): settings} if isinstance(settings, str) else {(key,): value for key, value in settings}
            for key, value in values.items():
                if isinstance(value, Secret):
                    assert ("accounts", account, "auth", scheme.name, *key) in found.document.secret, (account, key)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_contract_is_called_as_its_file(name: str) -> None:
    contract = loaded(name).contract
    assert contract.provider == name and contract.environment == "sandbox"
    first = loaded(name).path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=contract.schema.json"


def test_there_are_shipped_contracts() -> None:
    assert SHIPPED and shipped("contracts").is_dir()
