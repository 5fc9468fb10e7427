"""Lists what a contract promises, one sentence per claim, each with its path in the file, from which line and source
are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..contract.base.contract_error import DocumentPath
from ..contract.base.field_types import Duration
from ..contract.loading.loader import LoadedContract
from ..contract.spec.ledger_tables import CommandLedgerSpec, SqlLedgerSpec
from ..contract.spec.promises import NotFoundTolerated
from ..core.payment_state import MONEY_MOVED, NO_MONEY, TERMINAL, PaymentState
from ..core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ..errors import dotted

__all__ = ["ContractClaim", "claims", "is_open", "nearest_path", "source_of", "where"]


class ContractClaim(NamedTuple):
    topic: str
    text: str
    path: DocumentPath
    """The path of the claim, or of the absent field whose default applies."""


def claims(loaded: LoadedContract) -> list[ContractClaim]:
    """Return the claims in the order in which a merchant meets them."""
    return [*_finding(loaded), *_sending_again(loaded), *_remembering(loaded), *_ending(loaded), *_money(loaded)]


def _finding(loaded: LoadedContract) -> Iterator[ContractClaim]:
    contract = loaded.contract
    if loaded.codec.asks_by_provider_id:
        asked = "An order is asked for by the provider's identifier, which only an answer to its submit tells."
    elif contract.query.rows is not None:
        asked = "An order is looked for in a list."
    else:
        asked = "An order is asked for by the merchant's own number."
    yield ContractClaim("query", asked, ("query",))
    at: DocumentPath = ("promises", "not_found")
    not_found = contract.promises.not_found
    if isinstance(not_found, NotFoundTolerated):
        text = (
            f"For {not_found.tolerated_for} after its acknowledgement an order may be reported as not found; "
            "never later."
        )
    elif not_found == "forbidden":
        text = "An acknowledged order is never reported as not found."
    else:
        text = "An acknowledged order may be reported as not found at any time: that answer proves nothing."
    yield ContractClaim("not found", text, at)
    lands = contract.promises.lands_within
    if lands is not None:
        text = f"Visible for good {lands} after the acknowledgement."
        yield ContractClaim("landing", text, ("promises", "lands_within"))
    if contract.limits.query_window is not None:
        text = f"It can be asked for during {contract.limits.query_window}; then it is not found because it aged out."
        yield ContractClaim("query window", text, ("limits", "query_window"))


_SAME = {
    SamePayloadAnswer.REPLAY_ORIGINAL: "is given the first answer again, whatever has become of the order since.",
    SamePayloadAnswer.REPLAY_CURRENT: "is answered with the order as it stands.",
    SamePayloadAnswer.REJECT_WITH_POINTER: "is refused, and the refusal names the order that is there.",
    SamePayloadAnswer.REJECT_PLAIN: "is refused, and the refusal does not name the order that is there.",
    SamePayloadAnswer.NEW_MOVEMENT: "is a new order: there is no idempotency, and the money moves again.",
}
_OTHER = {
    OtherPayloadAnswer.REJECT: "is refused, and the order stays as it was.",
    OtherPayloadAnswer.REPLAY_ORIGINAL: "is answered with the first order, whose payload it is not.",
    OtherPayloadAnswer.NEW_MOVEMENT: "is another order: the payload is part of what tells orders apart.",
}


def _sending_again(loaded: LoadedContract) -> Iterator[ContractClaim]:
    promises = loaded.contract.promises
    text = f"The same number with the same payload {_SAME[promises.on_same_payload]}"
    yield ContractClaim("sent again", text, ("promises", "on_same_payload"))
    text = f"The same number with another payload {_OTHER[promises.on_other_payload]}"
    yield ContractClaim("sent altered", text, ("promises", "on_other_payload"))
    if promises.caches_transient_errors:
        text = "A transient error becomes the number's answer: sending it again brings the same error."
    else:
        text = "A transient error is not remembered: the same request may succeed later."
    yield ContractClaim("transient errors", text, ("promises", "caches_transient_errors"))
    if loaded.contract.batch is not None:
        whose = {
            "batch": "the batch's number",
            "item": "each item's number",
            "both": "the batch's and each item's number",
        }
        text = (
            f"A request carries up to {loaded.contract.batch.most} orders; what is remembered is "
            f"{whose[loaded.contract.batch.identity]}."
        )
        yield ContractClaim("batches", text, ("batch",))


_SCOPES = {"account": "account", "endpoint": "endpoint", "region": "region"}


def _remembering(loaded: LoadedContract) -> Iterator[ContractClaim]:
    promises = loaded.contract.promises
    if promises.key_retention is None:
        text = "Numbers are remembered for ever."
    elif promises.key_retention == "unpublished":
        text = "How long a number is remembered is not published."
    else:
        text = f"A number is remembered for {promises.key_retention}; after that it is as good as new."
    yield ContractClaim("retention", text, ("promises", "key_retention"))
    scope = [word for word in _SCOPES if word in promises.key_scope]
    text = f"Numbers are told apart by {', '.join(scope)}." if scope else "A number is one number everywhere."
    yield ContractClaim("scope", text, ("promises", "key_scope"))


def _ending(loaded: LoadedContract) -> Iterator[ContractClaim]:
    contract = loaded.contract
    for name, states in (("paid", MONEY_MOVED), ("not paid", NO_MONEY)):
        words = [f"{word} ({state})" for word, state in contract.states.items() if PaymentState[state] in states]
        if words:
            yield ContractClaim(name, f"These status words end an order: {', '.join(words)}.", ("states",))
    going = [word for word, state in contract.states.items() if PaymentState[state] not in TERMINAL]
    if going:
        yield ContractClaim("under way", f"These end nothing: {', '.join(going)}.", ("states",))
    for index, edge in enumerate(contract.promises.later_edges):
        horizon = f"within {edge.within} of its first sight" if edge.within is not None else "at any time"
        text = f"{edge.source} may still become {edge.target}, {horizon}."
        yield ContractClaim("later edge", text, ("promises", "later_edges", index))
    if not contract.promises.later_edges:
        yield ContractClaim("later edges", "None: what has ended stays as it ended.", ("promises", "later_edges"))
    settles: Duration | None = contract.promises.settles_within
    if settles is not None:
        text = f"An acknowledged order has ended {settles} after the last disturbance."
        yield ContractClaim("settling", text, ("promises", "settles_within"))
    posts: Duration | None = contract.promises.posts_within
    if posts is not None:
        text = f"The payout of an order that succeeded stands in the ledger {posts} later."
        yield ContractClaim("posting", text, ("promises", "posts_within"))
    calls: Duration | None = contract.promises.calls_back_within
    if calls is not None:
        text = f"A callback tells the end of an order within {calls}, also if earlier attempts were refused."
        yield ContractClaim("calling back", text, ("promises", "calls_back_within"))
    again: Duration | None = contract.promises.resubmission_calls_back_within
    if again is not None:
        text = f"A resubmission is only taken; a callback tells the order's result again within {again}."
        yield ContractClaim("calling back again", text, ("promises", "resubmission_calls_back_within"))


def _money(loaded: LoadedContract) -> Iterator[ContractClaim]:
    """Where movements of money are read: what a ledger that is no API needs, and when a statement proves anything."""
    contract = loaded.contract
    ledger, statement = contract.ledger, contract.statement
    each = "one order at a time" if ledger is not None and ledger.by_order else "of all orders"
    if isinstance(ledger, (SqlLedgerSpec, CommandLedgerSpec)):
        name, what = ("sql", "a SQL query") if isinstance(ledger, SqlLedgerSpec) else ("command", "a command")
        text = f"Movements are read by {what}, {each}. It runs with --allow-hooks only: read it first."
        yield ContractClaim("money", text, ("ledger", name))
    elif ledger is not None:
        yield ContractClaim("money", f"Movements are read from the ledger of the API, {each}.", ("ledger",))
    elif statement is not None:
        text = "There is no ledger: movements are read from the statement of the run's time."
        yield ContractClaim("money", text, ("statement",))
        if statement.available_after is not None:
            text = (
                f"It is complete only {statement.available_after}: a run comes too early, finds what stands in it "
                "twice, and proves nothing by what is missing."
            )
            yield ContractClaim("statement", text, ("statement", "available_after"))


def nearest_path(places: Mapping[str, str], path: DocumentPath) -> str | None:
    """Return the one of ``places`` (dotted) that is nearest to ``path``."""
    for end in range(len(path), 0, -1):
        place = dotted(path[:end])
        if place in places:
            return place
    return None


def is_open(loaded: LoadedContract, path: DocumentPath) -> bool:
    """Return whether the documentation leaves the claim open, so that the contract only guesses."""
    return nearest_path(dict.fromkeys(loaded.contract.undocumented, ""), path) is not None


def source_of(loaded: LoadedContract, path: DocumentPath) -> str | None:
    """Return the name of the claim's source; ``None`` if the contract names none, is silent, or guesses."""
    place = nearest_path(loaded.contract.facts, path)
    if place is None or path not in loaded.document.lines or is_open(loaded, path):
        return None
    return loaded.contract.facts[place]


def where(loaded: LoadedContract, path: DocumentPath) -> str:
    """Return ``promises.not_found, line 60``, or ``promises.not_found, by default`` where the file is silent."""
    lines = loaded.document.lines
    return f"{dotted(path)}, {f'line {lines[path].line}' if path in lines else 'by default'}"
