"""Interpret raw responses by the contract. Nothing that a provider sends raises an error here.

Theory. A response is read in three steps, and each may end in ``UNREADABLE``, which proves nothing. First, the body
must be complete and strict JSON, XML or a form (an empty body is the document ``null``). Second, a rule of the contract
must match. Third, the facts that the contract extracts must have the right types and must not belong to another order.
So an HTML page with status 404 from an intermediate proxy is not "order not found", and a truncated 200 is not an
acknowledgement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...core.operation import Observation, Outcome
from ...core.payment_state import PaymentState
from ..base.amounts import ISO_UNITS, AmountUnits
from ..base.body_parsing import UnreadableBody, currency_code, major_amount, minor_amount, shortened, text_of
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..base.json_path import MISSING, compile_path
from ..body import JSON, Encoding
from ..body.conditions import RuleTable, all_hold
from ..body.plain_text import PLAIN_TEXT
from ..body.selectors import SelectorGetter, compile_selector
from ..spec.operations import WITHOUT_STATE, Extract, ResponseRule

__all__ = ["UNKNOWN_CONTEXT", "Interpretation", "OrderRows", "ResponseContext", "ResponseReader", "unreadable"]


class Interpretation(NamedTuple):
    """What the contract makes of an answer."""

    outcome: Outcome
    observation: Observation
    state: PaymentState
    provider_id: str | None
    amount_minor: int | None
    detail: str
    """A few words for people: ``404 ORDER_NOT_FOUND``."""
    currency: str | None = None
    payee: str | None = None


class ResponseContext(NamedTuple):
    """Whose answer it is: which order was asked for, as far as that is known, and by whom."""

    order_no: str = ""
    provider_id: str | None = None
    account: str = ""
    """Whose keys say whether the answer is genuine; empty: nobody's."""
    request: HttpRequest = HttpRequest("", "", (), b"")
    """What was asked, for schemes whose answers are signed together with it."""
    at: TimestampNonce | None = None
    """When the answer is read, for signatures that grow old; ``None``: their age does not count."""


class OrderRows(NamedTuple):
    """Place of a list of orders, and how to find the requested one: places in a row, and what each must equal."""

    at: str
    ours: tuple[tuple[str, Callable[[ResponseContext], str | None]], ...] = ()
    pick: str = "first"
    """Which of several counts: ``first``, ``last``, or the place in a row whose largest value does."""


UNKNOWN_CONTEXT = ResponseContext()


def unreadable(why: str) -> Interpretation:
    """What proves nothing."""
    return Interpretation(Outcome.INFO, Observation.UNREADABLE, PaymentState.UNKNOWN, None, None, why)


_OUTCOMES = {
    Observation.REJECTED: Outcome.FAIL,
    Observation.CONFLICT: Outcome.FAIL,
    Observation.RETRYABLE: Outcome.INFO,
    Observation.UNREADABLE: Outcome.INFO,
    Observation.DEFERRED: Outcome.INFO,
}


class _FactGetters:
    """Getters of the facts of one kind of answer."""

    __slots__ = ("amount", "code", "currency", "order_no", "payee", "provider_id", "state")

    def __init__(
        self, extract: Extract, more: Extract | None, currency: str, units: AmountUnits, form: Encoding
    ) -> None:
        places = {**extract.places(), **(more.places() if more is not None else {})}
        if more is not None and "amount_major" in more.places():
            places.pop("amount_minor", None)
        elif more is not None and "amount_minor" in more.places():
            places.pop("amount_major", None)
        getters = {name: compile_selector(at) for name, at in places.items()}
        self.provider_id = getters.get("provider_id", _nothing)
        self.order_no = getters.get("order_no")
        self.state = getters.get("state", _nothing)
        self.code = getters.get("code", _nothing)
        self.currency = getters.get("currency")
        self.payee = getters.get("payee")
        self.amount = _amount_getter(getters, currency, units, form)


class _RuleMeaning(NamedTuple):
    """What an answer that meets a rule says."""

    observation: Observation
    outcome: Outcome
    has_state: bool
    state: PaymentState
    """What is known without a status word."""
    facts: _FactGetters


class NoRule(UnreadableBody):
    """No rule matches an answer."""


class ResponseReader:
    """One operation's rules, compiled; dispatched by status code, so that few of them are tried."""

    __slots__ = ("_code", "_ours", "_pick", "_replayed", "_rows", "_rules", "_states", "_text_rules", "form")

    def __init__(
        self,
        rules: Sequence[ResponseRule],
        extract: Extract,
        states: Mapping[str, str],
        *,
        form: Encoding = JSON,
        currency: str = "EUR",
        units: AmountUnits = ISO_UNITS,
        rows: OrderRows | None = None,
        replay_marker: Mapping[str, Any] | None = None,
    ) -> None:
        """Raises ``ValueError`` for a place that cannot be."""
        common = _FactGetters(extract, None, currency, units, form)
        meanings = [
            (
                rule,
                _meaning(
                    rule,
                    common if rule.extract is None else _FactGetters(extract, rule.extract, currency, units, form),
                ),
            )
            for rule in rules
        ]
        self._rules = RuleTable((rule.when, meaning) for rule, meaning in meanings if rule.format is None)
        texts = [(rule.when, meaning) for rule, meaning in meanings if rule.format == "text"]
        self._text_rules = RuleTable(texts) if texts else None
        self._states = {word: PaymentState[name] for word, name in states.items()}
        self._code = common.code
        self.form = form
        """How it reads bodies; an emulator writes them in the same."""
        self._rows = None if rows is None else compile_path(rows.at)
        self._ours = () if rows is None else tuple((compile_selector(at), who) for at, who in rows.ours)
        self._pick = _picker("first" if rows is None else rows.pick)
        self._replayed = None if replay_marker is None else all_hold(replay_marker)

    def read(self, answer: HttpResponse, response_context: ResponseContext = UNKNOWN_CONTEXT) -> Interpretation:
        """What the answer says. Never raises."""
        try:
            return self._read(answer, response_context)
        except UnreadableBody as why:
            return unreadable(str(why))

    def read_each(
        self, answer: HttpResponse, context_of: Callable[[Any, Any], ResponseContext]
    ) -> list[tuple[ResponseContext, Interpretation]]:
        """Read every row of the list by itself. ``context_of`` tells from the document and a row whose it is.

        Raises ``UnreadableBody`` where there is no list, or nothing in it.
        """
        document = self.form.read(answer)
        rows = MISSING if self._rows is None else self._rows(document)
        if type(rows) is not list or not rows:
            raise UnreadableBody(f"{answer.status}, the list of events is {'empty' if rows == [] else 'missing'}")
        found = []
        for row in rows:
            context = context_of(document, row)
            try:
                reading = self._read_row(answer, document, row, context)
            except UnreadableBody as why:
                reading = unreadable(str(why))
            found.append((context, reading))
        return found

    def parts(self, answer: HttpResponse, response_context: ResponseContext = UNKNOWN_CONTEXT) -> tuple[Any, Any]:
        """The document, and the row in it that is about the asker's order. Raises ``UnreadableBody``."""
        document = self.form.read(answer)
        return document, MISSING if self._rows is None else self._ours_in(self._rows(document), response_context)

    def _read(self, answer: HttpResponse, response_context: ResponseContext) -> Interpretation:
        status, headers = answer.status, answer.headers
        try:
            document, row = self.parts(answer, response_context)
        except UnreadableBody as why:
            problem = str(why)
        else:
            try:
                return self._read_row(answer, document, row, response_context)
            except NoRule as why:
                problem = str(why)
        if self._text_rules is not None:
            text = PLAIN_TEXT.read(answer)
            rule = self._text_rules.first(status, text, headers)
            if rule is not None:
                return self._apply(rule, answer, text, MISSING, response_context)
        raise UnreadableBody(problem)

    def _read_row(
        self, answer: HttpResponse, document: Any, row: Any, response_context: ResponseContext
    ) -> Interpretation:
        """Raises ``UnreadableBody``; ``NoRule`` if no rule matches."""
        rule = self._rules.first(answer.status, document, answer.headers, row)
        if rule is None:
            code = self._word(self._code, document, answer.headers, row)
            raise NoRule(f"{answer.status}{code}, no reading in the contract")
        return self._apply(rule, answer, document, row, response_context)

    def _apply(
        self, rule: _RuleMeaning, answer: HttpResponse, document: Any, row: Any, response_context: ResponseContext
    ) -> Interpretation:
        observation, outcome, has_state, state, facts = rule
        status, headers = answer.status, answer.headers
        try:
            provider_id = text_of(facts.provider_id(document, headers, row), "the provider's id")
            if facts.order_no is not None and response_context.order_no:
                order_no = text_of(facts.order_no(document, headers, row), "the order number")
                if order_no not in (None, response_context.order_no):
                    raise UnreadableBody(f"it speaks of another order, {shortened(order_no or '')}")
            amount_minor = facts.amount(document, headers, row)
            currency = payee = None
            if facts.currency is not None:
                currency = currency_code(facts.currency(document, headers, row), "the currency")
            if facts.payee is not None:
                payee = text_of(facts.payee(document, headers, row), "the payee")
            word = text_of(facts.state(document, headers, row), "the status") if has_state else None
        except UnreadableBody as why:
            raise UnreadableBody(f"{status}, {why}") from None
        shown = self._word(facts.code, document, headers, row)
        if word is not None:
            state = self._states.get(word, PaymentState.UNKNOWN)
            shown = shown or f" {shortened(word)}"
        if self._replayed is not None and self._replayed(status, document, headers):
            shown += ", given again"
        return Interpretation(
            outcome, observation, state, provider_id, amount_minor, f"{status}{shown}", currency, payee
        )

    def _ours_in(self, rows: Any, response_context: ResponseContext) -> Any:
        """The row that is about the order that was asked for; ``MISSING`` if there is none."""
        if type(rows) is not list:
            return MISSING
        wanted = [(get, who(response_context)) for get, who in self._ours]
        return self._pick(row for row in rows if all(_same(get(None, {}, row), value) for get, value in wanted))

    def _word(self, get: SelectorGetter, document: Any, headers: Mapping[str, str], row: Any) -> str:
        """The error's code, for people, with a space before it; empty if there is none."""
        code = get(document, headers, row)
        return f" {shortened(str(code))}" if type(code) in (str, int) and code != "" else ""


def _picker(pick: str) -> Callable[[Iterable[Any]], Any]:
    """Return what chooses the row that counts; ``MISSING`` of none."""
    if pick == "first":
        return lambda rows: next(iter(rows), MISSING)
    if pick == "last":
        return lambda rows: next(reversed(list(rows)), MISSING)
    get = compile_selector(pick)

    def largest(rows: Iterable[Any]) -> Any:
        found = MISSING
        best: tuple[bool, Any] | None = None
        for row in rows:
            value = get(None, {}, row)
            if type(value) not in (int, float, str):
                raise UnreadableBody(f"one of several records has nothing to compare at {pick}")
            rank = (type(value) is str, value)
            if best is not None and best[0] != rank[0]:
                raise UnreadableBody(f"records cannot be compared at {pick}: a number and a text stand there")
            if best is None or rank >= best:
                best, found = rank, row
        return found

    return largest


def _same(found: Any, wanted: str | None) -> bool:
    return wanted is not None and (found == wanted or (type(found) is int and str(found) == wanted))


def _nothing(document: Any, headers: Mapping[str, str], row: Any) -> Any:
    return MISSING


_Amount = Callable[[Any, Mapping[str, str], Any], int | None]


def _amount_getter(getters: Mapping[str, SelectorGetter], currency: str, units: AmountUnits, form: Encoding) -> _Amount:
    """Return what reads an amount; it is of the currency that the answer shows, if it shows one."""
    what, typed = "the amount", form.typed
    own = getters.get("currency", _nothing)

    def currency_of(document: Any, headers: Mapping[str, str], row: Any) -> str:
        return currency_code(own(document, headers, row), "the currency") or currency

    if "amount_major" in getters:
        major = getters["amount_major"]
        return lambda document, headers, row: major_amount(
            major(document, headers, row), currency_of(document, headers, row), what
        )
    if "amount_minor" in getters:
        minor = getters["amount_minor"]
        return lambda document, headers, row: minor_amount(
            minor(document, headers, row), currency_of(document, headers, row), units, what, typed=typed
        )
    return lambda document, headers, row: None


def _meaning(rule: ResponseRule, facts: _FactGetters) -> _RuleMeaning:
    outcome = _OUTCOMES.get(rule.observation, Outcome.OK)
    if rule.definite is not None:
        outcome = Outcome.FAIL if rule.definite else Outcome.INFO
    known = PaymentState.NOT_FOUND if rule.observation is Observation.NOT_FOUND else PaymentState.UNKNOWN
    if rule.state is not None:
        known = PaymentState[rule.state]
    has_state = rule.observation not in WITHOUT_STATE and rule.state is None
    return _RuleMeaning(rule.observation, outcome, has_state, known, facts)
