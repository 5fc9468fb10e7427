"""Explains why an answer was not read as expected, with the responsible line of the contract.

Reading an answer takes three steps, each with its own place in the contract: the body must be of the declared format,
the conditions of one rule must hold, and the facts must be where the contract says. A refusal points at the request:
credentials, path, body.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from ...core.operation import Observation, OperationKind
from ..base.body_parsing import UnreadableBody, json_type_of, shortened
from ..base.contract_error import DocumentPath
from ..base.http_messages import HttpResponse
from ..base.json_path import MISSING
from ..body import ENCODINGS
from ..body.conditions import status_codes, test_of
from ..body.plain_text import PLAIN_TEXT
from ..body.selectors import Selector, compile_selector
from ..codec.codec import Codec, Payment
from ..codec.response_reader import Interpretation, ResponseContext
from ..spec.body_formats import encoding_of
from ..spec.operations import QuerySpec, ResponseRule, SubmitSpec

__all__ = ["Diagnosis", "diagnose_facts", "diagnose_interpretation"]


_NOT_GENUINE = "not genuine: "


class Diagnosis(NamedTuple):
    """One place of a contract, and the problem there."""

    path: DocumentPath
    problem: str
    mend: str = ""


def diagnose_interpretation(
    codec: Codec,
    kind: OperationKind,
    answer: HttpResponse,
    reading: Interpretation,
    wanted: Collection[Observation],
    response_context: ResponseContext,
) -> Diagnosis:
    """Return what in the contract keeps an answer from being read as one of ``wanted``."""
    looked = _ResponseTrace(codec, kind, answer, response_context)
    request: DocumentPath = (looked.name, "request")
    more = reading.observation is not Observation.UNREADABLE and reading.detail != str(answer.status)
    said = f"{answer.status}{f' ({reading.detail})' if more else ''}"
    if answer.status in (401, 403) and Observation.REJECTED not in wanted:
        at: DocumentPath = ("accounts", response_context.account, "auth")
        return Diagnosis(
            at, f"it was refused with {said}: these credentials are not accepted", "check the key and the scheme"
        )
    if reading.observation is Observation.UNREADABLE and _NOT_GENUINE in reading.detail:
        path = ("accounts", response_context.account, "auth")
        return Diagnosis(path, f"the answer is {reading.detail}", "check the provider's key and what it signs")
    if not looked.readable and looked.matching() is None:
        if answer.status in (404, 405):
            return Diagnosis(
                (*request, "path"),
                f"it was answered {said}, and not in {looked.format}: nothing of the API is there",
                f"check path and method{looked.as_text()}",
            )
        known = isinstance(looked.operation.format, str)
        names = ENCODINGS.names()
        mend = f"say format: {', '.join(names[:-1])} or {names[-1]}" if known else "check the settings of the format"
        return Diagnosis((looked.name, "format"), f"the body cannot be read: {looked.problem}", mend)
    if answer.status == 405 or (answer.status == 404 and kind is not OperationKind.QUERY):
        return Diagnosis(
            (*request, "path"), f"it was answered {said}: nothing takes this request there", "check path and method"
        )
    if answer.status in (400, 415, 422) and kind is not OperationKind.QUERY:
        body = codec.contract.submit.request.encoding
        at = (*request, body.name) if body else request
        return Diagnosis(
            at, f"what was sent was refused with {said}: {looked.shown}", "compare the body with the documentation"
        )
    if reading.observation is not Observation.UNREADABLE:
        index = looked.matching()
        return Diagnosis(
            looked.rule(index),
            f"this {said} is read as {reading.observation}",
            "tell apart by a condition what are two things",
        )
    if (index := looked.matching()) is not None:
        return next(looked.facts_that_spoil(index), Diagnosis(looked.rule(index), reading.detail))
    return looked.nearest(wanted)


def diagnose_facts(
    codec: Codec,
    kind: OperationKind,
    answer: HttpResponse,
    reading: Interpretation,
    response_context: ResponseContext,
    payment: Payment,
) -> Iterator[Diagnosis]:
    """Return the facts of an answer that are missing where the contract says, or differ from what was sent."""
    looked = _ResponseTrace(codec, kind, answer, response_context)
    index = looked.matching()
    if index is None:
        return
    for name, (path, place) in looked.places(index).items():
        if name != "code" and looked.get(place) in (MISSING, None, ""):
            yield Diagnosis(
                path,
                f"{place.at} is not in this answer, where {name} is said to stand: {looked.shown}",
                "look for it in the answer",
            )
    word = looked.word(index)
    if word is not None and word not in codec.contract.states:
        yield Diagnosis(
            ("states",), f"the status word {shortened(word)!r} is not under states", "add it, with what it means"
        )
    if reading.amount_minor not in (None, payment.amount_minor):
        places = looked.places(index)
        path = next(path for name, (path, _) in places.items() if name.startswith("amount"))
        text = f"the amount is read as {reading.amount_minor} minor units, and {payment.amount_minor} were sent"
        yield Diagnosis(path, text, "check amount_minor and amount_major, here and in submit.request")


class _ResponseTrace:
    """One answer under one operation's rules."""

    def __init__(
        self, codec: Codec, kind: OperationKind, answer: HttpResponse, response_context: ResponseContext
    ) -> None:
        contract = codec.contract
        self.operation: SubmitSpec | QuerySpec = contract.query if kind is OperationKind.QUERY else contract.submit
        self.name = "query" if kind is OperationKind.QUERY else "submit"
        self.format = codec.reader(kind).form.shown
        self._answer = answer
        self._asker = response_context
        self.problem = ""
        self._document, self._row = None, MISSING
        try:
            self._document, self._row = codec.reader(kind).parts(answer, response_context)
        except UnreadableBody as why:
            self.problem = str(why)
        self._text: Any = MISSING
        with suppress(UnreadableBody):
            self._text = PLAIN_TEXT.read(answer)

    @property
    def readable(self) -> bool:
        return not self.problem

    @property
    def shown(self) -> str:
        """Return the answer's content, for people who look for a place in it."""
        if isinstance(self._row, dict):
            return f"the row has {', '.join(f'$row.{key}' for key in self._row) or 'nothing'}"
        if isinstance(self._document, dict):
            return f"the body has {', '.join(f'$.{key}' for key in self._document) or 'nothing'}"
        if isinstance(self._document, Element):
            root = self._document.tag
            inside = ", ".join(dict.fromkeys(f"/{root}/{child.tag}" for child in self._document))
            return f"the body's root is {root}, and it has {inside or 'nothing'}"
        return "the body is empty" if self._document is None else f"the body is {json_type_of(self._document)}"

    def get(self, place: Selector) -> Any:
        return compile_selector(place)(self._document, self._answer.headers, self._row)

    def rule(self, index: int | None) -> DocumentPath:
        return (self.name, "answers") if index is None else (self.name, "answers", index)

    def failing(self, rule: ResponseRule) -> list[str]:
        """Return the conditions that do not hold."""
        document = self._text if rule.format == "text" else self._document
        return [key for key, wanted in rule.when.items() if not self._holds(key, wanted, document)]

    def _holds(self, key: str, wanted: Any, document: Any) -> bool:
        if key == "status":
            return self._answer.status in status_codes(wanted)
        return test_of(key, wanted)(document, self._answer.headers, self._row)

    def matching(self) -> int | None:
        """Return the rule that reads the answer; ``None`` if none does."""
        rules = list(enumerate(self.operation.answers))
        if self.readable:
            for index, rule in rules:
                if rule.format is None and not self.failing(rule):
                    return index
        return next((i for i, rule in rules if rule.format == "text" and not self.failing(rule)), None)

    def as_text(self) -> str:
        """Return how to say that the answer is plain text, if it is; otherwise nothing."""
        if type(self._text) is not str or "<" in self._text or not self._text.strip():
            return ""
        return (
            ". If this is the API's own answer, give it a rule of its own: "
            f"{{when: {{status: {self._answer.status}, $: {{regex: ...}}}}, format: text, observation: ...}}"
        )

    def nearest(self, wanted: Collection[Observation]) -> Diagnosis:
        """Return the rule that should have matched: one that reads what is wanted, with the fewest
        failing conditions.
        """
        rules = list(enumerate(self.operation.answers))
        fitting = [(i, rule) for i, rule in rules if rule.observation in wanted]
        status_fits = [(i, rule) for i, rule in fitting if "status" not in self.failing(rule)]
        index, rule = min(status_fits or fitting or rules, key=lambda entry: len(self.failing(entry[1])))
        failing = self.failing(rule)
        head = f"no rule reads this {self._answer.status}"
        if "status" in failing:
            expected = rule.when["status"]
            text = f"{head}; the nearest reads status {expected} as {rule.observation}"
            return Diagnosis(
                (*self.rule(index), "when"),
                text,
                f"give {self._answer.status} a rule of its own; or add it to that status, if it means the same",
            )
        key = failing[0]
        found = compile_selector(key)(self._document, self._answer.headers, self._row)
        there = "it is not there" if found is MISSING else f"it is {shortened(str(found))!r}"
        text = (
            f"{head}; the nearest, {rule.observation}, wants {key} to be {_in_words(rule.when[key])}, and "
            f"{there}: {self.shown}"
        )
        return Diagnosis((*self.rule(index), "when", key), text, "look at the answer again, and at the documentation")

    def places(self, index: int) -> dict[str, tuple[DocumentPath, Selector]]:
        """Return where facts are said to be in what a rule reads."""
        places: dict[str, tuple[DocumentPath, Selector]] = {
            name: ((self.name, "extract", name), place) for name, place in self.operation.extract.places().items()
        }
        own = self.operation.answers[index].extract
        if own is not None:
            if any(name.startswith("amount") for name in own.places()):
                places = {name: at for name, at in places.items() if not name.startswith("amount")}
            places |= {name: ((*self.rule(index), "extract", name), place) for name, place in own.places().items()}
        if self.operation.answers[index].state is not None:
            places.pop("state", None)
        return places

    def word(self, index: int) -> str | None:
        """Return the status word in the answer, if there is one."""
        at = self.places(index).get("state")
        value = MISSING if at is None else self.get(at[1])
        return str(value) if type(value) in (str, int) and value != "" else None

    def facts_that_spoil(self, index: int) -> Iterator[Diagnosis]:
        """Return the facts because of which a matching rule gives no reading."""
        for name, (path, place) in self.places(index).items():
            value = self.get(place)
            if name == "order_no" and self._asker.order_no and value not in (MISSING, None, "", self._asker.order_no):
                yield Diagnosis(
                    path,
                    f"{place.at} is {shortened(str(value))!r}, and the order is {self._asker.order_no!r}",
                    "say where the merchant's own number comes back",
                )
            elif name.startswith("amount") and value is not MISSING and value is not None:
                if type(value) not in (int, str) or (
                    name == "amount_minor" and type(value) is str and encoding_of(self.operation.format).typed
                ):
                    yield Diagnosis(
                        path,
                        f"{place.at} is {shortened(repr(value))}, which is no {name}",
                        "check amount_minor and amount_major",
                    )
            elif value is not MISSING and type(value) not in (str, int, type(None)):
                yield Diagnosis(
                    path, f"{place.at} is {json_type_of(value)}, and {name} is text", "look for it in the answer"
                )


def _in_words(wanted: Any) -> str:
    if isinstance(wanted, dict):
        way, value = next(iter(wanted.items()))
        words = {"exists": ("there", "absent"), "empty": ("empty", "filled")}
        return words[way][0 if value else 1] if way in words else f"like {value}"
    return f"one of {wanted}" if isinstance(wanted, list) else repr(wanted)
