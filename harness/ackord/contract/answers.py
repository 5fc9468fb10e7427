"""Reading answers: raw bytes to what the contract makes of them. Nothing that a provider sends raises an error here.

Theory. An answer is read in three steps, and each may end in ``UNREADABLE``, which proves nothing: the body must be whole and strict JSON
(an empty body is the document ``null``); a rule of the contract must match; the facts that the contract extracts must have the right types. So
an HTML page with status 404 from some proxy on the way is not "order not found", and a cut 200 is not an acknowledgement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.operation import Observation, Outcome
from ..core.payment_state import PaymentState
from .extract import MISSING, Getter, compile_path
from .operations import AnswerRule, Extract
from .wire import WireAnswer

__all__ = ["AnswerReader", "Reading", "Unreadable", "parse_json", "text_of", "whole_number"]

MAX_TEXT = 256
"""Characters of an identifier; a longer one is not believed."""


class Reading(NamedTuple):
    """What the contract makes of an answer."""

    outcome: Outcome
    observation: Observation
    state: PaymentState
    provider_id: str | None
    amount_minor: int | None
    detail: str
    """A few words for people: ``404 ORDER_NOT_FOUND``."""


class Unreadable(Exception):
    """An answer, or a part of it, that has no reading; the text says why."""


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key is given twice")
    return data


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=_strict_object, parse_constant=_no_constant).decode


def parse_json(answer: WireAnswer) -> Any:
    """The body as strict JSON: no duplicate keys, no NaN, bounded depth; an empty body is ``None``. Raises ``Unreadable``."""
    body = answer.body
    if answer.truncated:
        raise Unreadable(f"{answer.status}, cut off after {len(body)} bytes")
    if not body:
        return None
    try:
        return _decode(body.decode())
    except (ValueError, RecursionError) as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if "json" in content_type or not content_type:
            why = "nested too deeply" if isinstance(error, RecursionError) else "not valid JSON"
            raise Unreadable(f"{answer.status}, {why}") from None
        raise Unreadable(f"{answer.status} {_short(content_type)}, expected JSON") from None


def text_of(value: Any, what: str) -> str | None:
    """An identifier or a word: text, or a whole number as text; absent, null and empty are ``None``. Raises ``Unreadable``."""
    if value is MISSING or value is None or value == "":
        return None
    if type(value) is str:
        if len(value) <= MAX_TEXT and (value.isascii() or value.isprintable()):  # a lone surrogate is not printable
            return value
        raise Unreadable(f"{what} is too long or not text")
    if type(value) is int:
        return str(value)
    raise Unreadable(f"{what} is {_kind(value)}, expected text")


def whole_number(value: Any, what: str) -> int | None:
    """An amount in minor units; absent and null are ``None``. Raises ``Unreadable`` for anything but a JSON integer."""
    if type(value) is int:
        if abs(value) < 1 << 63:
            return value
        raise Unreadable(f"{what} is out of range")
    if value is MISSING or value is None:
        return None
    raise Unreadable(f"{what} is {_kind(value)}, expected a whole number")


_Test = Callable[[Any, Mapping[str, str]], bool]

_OUTCOMES = {
    Observation.REJECTED: Outcome.FAIL,
    Observation.CONFLICT: Outcome.FAIL,
    Observation.RETRYABLE: Outcome.INFO,
    Observation.UNREADABLE: Outcome.INFO,
}
_WITHOUT_STATE = frozenset({Observation.NOT_FOUND, Observation.REJECTED, Observation.RETRYABLE, Observation.UNREADABLE})


class _Rule(NamedTuple):
    tests: tuple[_Test, ...]
    observation: Observation
    outcome: Outcome
    has_state: bool
    state: PaymentState
    """What is known without a status word."""


class AnswerReader:
    """One operation's rules, compiled; dispatched by status code, so that few of them are tried."""

    __slots__ = ("_amount", "_any_status", "_by_status", "_code", "_provider_id", "_state", "_states")

    def __init__(self, rules: Sequence[AnswerRule], extract: Extract, states: Mapping[str, str]) -> None:
        compiled = [(_status_test(rule), _compile(rule)) for rule in rules]
        self._by_status = {code: tuple(r for fits, r in compiled if fits(code)) for code in range(100, 600)}
        self._any_status = tuple(r for rule, (_, r) in zip(rules, compiled, strict=True) if "status" not in rule.when)
        self._states = {word: PaymentState[name] for word, name in states.items()}
        self._provider_id = _getter(extract.provider_id)
        self._state = _getter(extract.state)
        self._amount = _getter(extract.amount_minor)
        self._code = _getter(extract.code)

    def read(self, answer: WireAnswer) -> Reading:
        """What the answer says. Never raises."""
        try:
            return self._read(answer)
        except Unreadable as why:
            return Reading(Outcome.INFO, Observation.UNREADABLE, PaymentState.UNKNOWN, None, None, str(why))

    def _read(self, answer: WireAnswer) -> Reading:
        status = answer.status
        document = parse_json(answer)
        headers = answer.headers
        for rule in self._by_status.get(status, self._any_status):
            for test in rule.tests:
                if not test(document, headers):
                    break
            else:
                return self._apply(rule, status, document)
        raise Unreadable(f"{status}{self._word(document)}, no reading in the contract")

    def _apply(self, rule: _Rule, status: int, document: Any) -> Reading:
        _, observation, outcome, has_state, state = rule
        try:
            provider_id = text_of(self._provider_id(document), "the provider's id")
            amount_minor = whole_number(self._amount(document), "the amount")
            word = text_of(self._state(document), "the status") if has_state else None
        except Unreadable as why:
            raise Unreadable(f"{status}, {why}") from None
        if word is None:
            return Reading(outcome, observation, state, provider_id, amount_minor, f"{status}{self._word(document)}")
        state = self._states.get(word, PaymentState.UNKNOWN)
        shown = self._word(document) or f" {_short(word)}"
        return Reading(outcome, observation, state, provider_id, amount_minor, f"{status}{shown}")

    def _word(self, document: Any) -> str:
        """The error's code, for people, with a space before it; empty if there is none."""
        code = self._code(document)
        return f" {_short(str(code))}" if type(code) in (str, int) and code != "" else ""


def _getter(path: str | None) -> Getter:
    return (lambda document: MISSING) if path is None else compile_path(path)


def _status_test(rule: AnswerRule) -> Callable[[int], bool]:
    if "status" not in rule.when:
        return lambda code: True
    wanted = rule.when["status"]
    codes: set[int] = set()
    for item in wanted if isinstance(wanted, list) else [wanted]:
        codes |= {item} if isinstance(item, int) else set(range(int(item[0]) * 100, int(item[0]) * 100 + 100))
    return codes.__contains__


def _compile(rule: AnswerRule) -> _Rule:
    tests = tuple(_test(key, wanted) for key, wanted in rule.when.items() if key != "status")
    outcome = _OUTCOMES.get(rule.observation, Outcome.OK)
    if rule.definite is not None:
        outcome = Outcome.FAIL if rule.definite else Outcome.INFO
    found = PaymentState.NOT_FOUND if rule.observation is Observation.NOT_FOUND else PaymentState.UNKNOWN
    return _Rule(tests, rule.observation, outcome, rule.observation not in _WITHOUT_STATE, found)


def _test(key: str, wanted: Any) -> _Test:
    holds = _matcher(wanted)
    if key.startswith("header."):
        name = key.removeprefix("header.").lower()
        return lambda document, headers: holds(headers.get(name, MISSING))
    get = compile_path(key)
    return lambda document, headers: holds(get(document))


def _matcher(wanted: Any) -> Callable[[Any], bool]:
    if isinstance(wanted, dict):
        if "exists" in wanted:
            expected: bool = wanted["exists"]
            return lambda value: (value is not MISSING and value is not None) is expected
        search = re.compile(wanted["regex"]).search
        return lambda value: type(value) is str and len(value) <= 4096 and search(value) is not None
    # The type belongs to the value: in JSON 1, 1.0, true and "1" are four things, though Python calls three of them equal.
    values = {(type(v), v) for v in (wanted if isinstance(wanted, list) else [wanted])}
    if all(kind is str for kind, _ in values):
        words = frozenset(v for _, v in values)
        return lambda value: type(value) is str and value in words
    kinds = frozenset(kind for kind, _ in values)
    return lambda value: type(value) in kinds and (type(value), value) in values


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", str: "text", float: "a fraction"}
    return names.get(type(value), "of another type")


def _short(text: str) -> str:
    """Text of the provider, fit for one line: 48 characters at most, printable."""
    shown = text[:48]
    return shown if shown.isprintable() else ascii(shown)[1:-1]
