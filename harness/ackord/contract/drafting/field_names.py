"""Judges fields by their names: which may hold the merchant's number, the provider's identifier, a status or an amount.

Names are compared word by word, so ``transferState``, ``transfer_state`` and ``Transfer-State`` are one name.
"""

from __future__ import annotations

import re

__all__ = ["is_amount", "is_currency", "is_id", "is_state", "name_is_of_others", "name_score", "same_name", "words_of"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SAME = {
    "ref": "reference",
    "identification": "id",
    "identifier": "id",
    "no": "number",
    "num": "number",
    "nr": "number",
}
_MERCHANT = frozenset({"merchant", "client", "external", "out", "partner", "sender", "your", "own", "custom"})
_OTHERS = frozenset(
    "account address agreement app bank beneficiary business card category consent consumer contact counterparty "
    "country creditor customer debtor device employee entity language location method originator participant payee "
    "payer person platform plan product profile recipient restaurant shop source store subscription team terminal "
    "token user wallet webhook".split()
)
"""What begins the name of something else's identifier, such as a customer's."""
_THINGS = frozenset(
    "batch charge disbursement instruction order payment payout remittance transaction transfer trade tx uetr "
    "withdrawal request".split()
)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters; abbreviations are written out: ``orderNo`` is order, number."""
    return tuple(_SAME.get(word.lower(), word.lower()) for word in _WORD.findall(name))


def same_name(one: str, other: str) -> bool:
    """Return whether two names say the same, such as ``ref`` and ``{reference}``."""
    return words_of(one) == words_of(other)


def name_score(name: str) -> int:
    """Return how likely a field of this name holds the merchant's own number of an order, from 0 to 4."""
    words = words_of(name)
    if not words or _OTHERS.intersection(words) or is_amount(name):
        return 0
    text = " ".join(words)
    if re.search(r"\bidempot|\bidempotence", text):
        return 4
    last = words[-1]
    if "uniqueness" in words or (last in ("key", "id") and "unique" in words):
        return 3
    if len(words) > 1 and words[-2:] == ("request", "id"):
        return 2 if words[0] in ("x", "request") else 4
    if last in ("reference", "number", "id"):
        return _score_of_identifier(words)
    return 1 if text == "uetr" else 0


def _score_of_identifier(words: tuple[str, ...]) -> int:
    *before, last = words
    if words[:3] == ("end", "to", "end") or words == ("instruction", "id"):
        return 3
    named = _MERCHANT.intersection(before)
    if last == "reference":
        return 3 if not before or named or _THINGS.intersection(before) else 1
    if words == ("reference", "id"):
        return 3
    if words == ("number",):
        return 1
    if named:
        # merchant_id and client_id name the merchant itself; external_id and merchant_order_id name an order.
        about = [word for word in before if word not in named]
        return 3 if about or named <= {"external", "out", "custom"} else 0
    if not before or not _THINGS.intersection(before):
        return 0
    return 2 if last == "number" or "order" in before or "trade" in before else 1


def name_is_of_others(*words: str) -> bool:
    """Return whether one of the words names something else than an order, such as a customer."""
    return not _OTHERS.isdisjoint({word.removesuffix("s") for word in words})


def is_state(name: str) -> bool:
    """Return whether the name ends as a status does."""
    return words_of(name)[-1:] in (("status",), ("state",))


def is_id(name: str) -> bool:
    """Return whether the name ends as an identifier does."""
    return words_of(name)[-1:] == ("id",)


def is_amount(name: str) -> bool:
    """Return whether the name is that of an amount."""
    words = words_of(name)
    return "amount" in words or words in (("value",), ("total",), ("sum",))


def is_currency(name: str) -> bool:
    return "currency" in words_of(name) or words_of(name)[-1:] == ("ccy",)
