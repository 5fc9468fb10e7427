"""Writes the output of ``ackord contract explain``: a contract as plain text of at most 100 columns, for a payment
engineer.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..contract.base.contract_error import DocumentPath
from ..contract.loading.loader import LoadedContract
from ..errors import dotted
from .advice import hazards, policies
from .contract_claims import claims, is_open, source_of, where
from .contract_forms import unusual_forms
from .format import count, printable
from .timing_check import times, timing_conflicts

__all__ = ["COLUMNS", "explain_contract"]

COLUMNS = 100
_LABEL = 18
_GLUE = "\u00a0"
"""A space at which no line is broken."""


def explain_contract(loaded: LoadedContract) -> str:
    """Return the whole text, which depends on the contract's file alone."""
    parts = [
        _head(loaded),
        _promised(loaded),
        _forms(loaded),
        _open(loaded),
        _advice(loaded),
        _unsafe(loaded),
        _times(loaded),
        _sources(loaded),
    ]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _head(loaded: LoadedContract) -> Iterator[str]:
    contract = loaded.contract
    yield from _wrapped(f"{contract.provider}: {contract.about}" if contract.about else contract.provider)
    questions = count(len(contract.undocumented), "open question")
    found = count(len(hazards(loaded)), "hazard")
    clash = count(len(timing_conflicts(loaded)), "time that does", "times that do")
    yield f"{contract.environment}, {contract.currency}; {questions}, {found} for a naive merchant, {clash} not fit"
    if contract.openapi is not None:
        text = f"Its answers are held to the provider's OpenAPI document, {contract.openapi}."
        yield from _wrapped(_cited(text, _cite(loaded, ("openapi",))))


def _promised(loaded: LoadedContract) -> Iterator[str]:
    yield "What it promises"
    for claim in claims(loaded):
        text = f"{claim.text} This is a guess." if is_open(loaded, claim.path) else claim.text
        yield from _entry(claim.topic, text, _cite(loaded, claim.path))


def _forms(loaded: LoadedContract) -> Iterator[str]:
    found = list(unusual_forms(loaded))
    if found:
        yield "How it is written"
    for text, path in found:
        yield from _item("-", text, where(loaded, path))


def _open(loaded: LoadedContract) -> Iterator[str]:
    contract = loaded.contract
    yield "What it leaves open"
    paths = {dotted(path): path for path in loaded.document.lines}
    entries: list[tuple[str, DocumentPath]] = [
        ("Not documented; what stands there is a guess.", paths.get(place, (place,))) for place in contract.undocumented
    ]
    if contract.promises.key_retention == "unpublished":
        entries.append(("Not published: how long a number is remembered.", ("promises", "key_retention")))
    if contract.promises.lands_within is None:
        entries.append(("No bound is promised until an order is visible for good.", ("promises", "lands_within")))
    if contract.promises.settles_within is None:
        entries.append(("No bound is promised until an order has ended.", ("promises", "settles_within")))
    vague = [word for word, state in contract.states.items() if state == "UNKNOWN"]
    if vague:
        entries.append((f"Status words without a meaning: {', '.join(vague)}.", ("states",)))
    if contract.ledger is None and contract.statement is None:
        entries.append(("No ledger and no statement: whether money moved once cannot be judged.", ("ledger",)))
    if contract.other_account is None:
        entries.append(("No second account: whether numbers are kept apart cannot be judged.", ("accounts",)))
    for text, path in entries:
        yield from _item("-", text, where(loaded, path))
    if not entries:
        yield "  Nothing."


def _advice(loaded: LoadedContract) -> Iterator[str]:
    yield "Which merchant is safe with it"
    for advice in policies(loaded):
        yield from _entry(advice.policy, f"{'SAFE' if advice.safe else 'NOT SAFE'}: {advice.text}.")


def _unsafe(loaded: LoadedContract) -> Iterator[str]:
    yield "Where it is UNSAFE for a naive merchant"
    found = hazards(loaded)
    for number, hazard in enumerate(found, 1):
        safe = f"Safe with it: {'; '.join(hazard.safe)}." if hazard.safe else "No policy of the merchant helps."
        text = f"{_sentence(hazard.what)}: {hazard.why}. {safe}"
        yield from _item(f"{number}.", text, _cite(loaded, hazard.path))
    if not found:
        yield "  Nowhere that the contract tells."


def _times(loaded: LoadedContract) -> Iterator[str]:
    known, wrong = times(loaded), timing_conflicts(loaded)
    if not known and not wrong:
        return
    yield "The time of every hop"
    for path, text in known:
        yield from _item("-", f"{_sentence(text)}.", _cite(loaded, path))
    for clash in wrong:
        yield from _item("!", f"{_sentence(clash.text)}.", f"{where(loaded, clash.path)}; {where(loaded, clash.other)}")
    if not wrong:
        yield "  They fit together."


def _sources(loaded: LoadedContract) -> Iterator[str]:
    sources = loaded.contract.sources
    if sources:
        yield "Where it was read"
    for name, source in sources.items():
        note = f" ({source.note})" if source.note else ""
        yield from _entry(name, f"{source.at}, as of {source.as_of}{note}")


def _cite(loaded: LoadedContract, path: DocumentPath) -> str:
    source = source_of(loaded, path)
    return where(loaded, path) + (f"; {source}" if source else "")


def _entry(label: str, text: str, cite: str = "") -> list[str]:
    """Return a label in its own column with the text beside it."""
    return _wrapped(_cited(text, cite), f"  {label:<{_LABEL}}  ", " " * (_LABEL + 4))


def _item(mark: str, text: str, cite: str) -> list[str]:
    return _wrapped(_cited(text, cite), f"  {mark:<4}", " " * 6)


def _cited(text: str, cite: str) -> str:
    """Return the text followed by its citation, which is not broken over lines."""
    return f"{text} [{cite.replace(' ', _GLUE)}]" if cite else text


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    lines = textwrap.wrap(
        printable(text), COLUMNS, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )
    return [line.replace(_GLUE, " ") for line in lines]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
