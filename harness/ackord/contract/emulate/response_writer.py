"""Writes one operation's answers: chooses the rule for an observation, tests it with the contract's reader, and caches
the choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...core.operation import Observation
from ...core.payment_state import PaymentState
from ..base.amounts import ISO_UNITS, AmountUnits
from ..base.body_parsing import UnwritableBody
from ..base.http_messages import HttpResponse
from ..codec.response_reader import Interpretation, ResponseContext, ResponseReader
from ..spec.operations import Extract, ResponseRule
from .response_builder import facts_of, write_response

__all__ = ["ContractVocabulary", "OrderFacts", "ResponseWriter"]

_NEAREST: dict[PaymentState, tuple[PaymentState, ...]] = {
    PaymentState.RECEIVED: (PaymentState.PROCESSING,),
    PaymentState.PROCESSING: (PaymentState.RECEIVED,),
    PaymentState.DECLINED: (PaymentState.FAILED, PaymentState.CANCELLED),
    PaymentState.CANCELLED: (PaymentState.FAILED, PaymentState.DECLINED),
    PaymentState.FAILED: (PaymentState.DECLINED, PaymentState.CANCELLED),
    PaymentState.RETURNED: (PaymentState.FAILED, PaymentState.CANCELLED),
}
"""States to use instead of a state that the contract cannot express."""


_LISTED = (Observation.STATUS, Observation.NOT_FOUND)
"""Observations of an answer with a list; errors have their own shape."""


class OrderFacts(NamedTuple):
    """The facts of an order that an answer holds."""

    provider_id: str | None = None
    order_no: str | None = None
    amount_minor: int | None = None
    currency: str = ""
    state: PaymentState | None = None
    payee: str | None = None


class ContractVocabulary(NamedTuple):
    """The status words that all operations of a contract share."""

    states: Mapping[str, str]
    currency: str
    units: AmountUnits = ISO_UNITS

    def of(self, state: PaymentState) -> list[tuple[PaymentState, str]]:
        """Return words for a state, the best first, each with the state that it means."""
        found = []
        for meant in (state, *_NEAREST.get(state, ())):
            found += [(meant, word) for word, name in self.states.items() if name == meant.name]
        return found


class _ResponsePlan(NamedTuple):
    rule: ResponseRule
    word: str | None


class ResponseWriter:
    """Writes one operation's answers."""

    def __init__(
        self,
        rules: Sequence[ResponseRule],
        extract: Extract,
        reader: ResponseReader,
        words: ContractVocabulary,
        *,
        rows: str | None = None,
        match: Mapping[str, str] | None = None,
        ordered: str = "",
        replay_marker: Mapping[str, Any] | None = None,
    ) -> None:
        self._rules = rules
        self._extract = extract
        self._reader = reader
        self._words = words
        self._rows = rows
        self._match = match or {}
        self._ordered = ordered
        """The place in a row that says which of several counts; the only one is number 1."""
        self._replay_marker = replay_marker
        self._plans: dict[tuple[Any, ...], _ResponsePlan] = {}
        self.problem = ""
        """Why an answer that was tried could not be written, for the contract's author."""

    def write(
        self,
        observations: Iterable[Observation],
        facts: OrderFacts,
        *,
        replayed: bool = False,
        asked: ResponseContext | None = None,
    ) -> HttpResponse | None:
        """Return an answer that is read as the first of ``observations`` that the contract has a rule for; ``None`` if
        none can be written.
        """
        for observation in observations:
            key = (observation, facts.state, replayed, facts.provider_id is None, facts.amount_minor is None)
            plan = self._plans.get(key)
            if plan is not None:
                return self._written(plan, facts, replayed)
            for plan in self._candidates(observation, facts):
                answer = self._written(plan, facts, replayed)
                if answer is not None and self._says(answer, observation, facts, plan, asked):
                    self._plans[key] = plan
                    return answer
        return None

    def _candidates(self, observation: Observation, facts: OrderFacts) -> Iterable[_ResponsePlan]:
        for rule in self._rules:
            if rule.observation is not observation:
                continue
            if facts.state is None:
                yield _ResponsePlan(rule, None)
                continue
            if rule.state is not None:
                meanings = (facts.state, *_NEAREST.get(facts.state, ()))
                if any(rule.state == state.name for state in meanings):
                    yield _ResponsePlan(rule, None)
            elif "state" in facts_of(self._extract, rule):
                for _, word in self._words.of(facts.state):
                    yield _ResponsePlan(rule, word)
            else:
                yield _ResponsePlan(rule, None)

    def _written(self, plan: _ResponsePlan, facts: OrderFacts, replayed: bool) -> HttpResponse | None:
        try:
            return self._write(plan, facts, replayed)
        except UnwritableBody as why:
            self.problem = str(why)
            return None

    def _write(self, plan: _ResponsePlan, facts: OrderFacts, replayed: bool) -> HttpResponse:
        """Write an answer. Raises ``UnwritableBody``."""
        told: dict[str, Any] = {
            "provider_id": facts.provider_id,
            "order_no": facts.order_no,
            "state": plan.word,
            "currency": facts.currency or None,
            "payee": facts.payee,
        }
        if facts.amount_minor is not None:
            currency = facts.currency or self._words.currency
            told["amount_minor"] = self._words.units.written_minor(facts.amount_minor, currency)
            told["amount_major"] = self._words.units.major(facts.amount_minor, currency)
        row: dict[str, Any] | None = None
        if self._rows is not None and plan.rule.observation is Observation.STATUS:
            values = {"${order_no}": facts.order_no, "${provider_id}": facts.provider_id}
            row = {at: values.get(text) for at, text in self._match.items() if values.get(text) is not None}
            row |= {self._ordered: 1} if self._ordered else {}
        return write_response(
            plan.rule,
            self._extract,
            told,
            form=self._reader.form,
            more=self._replay_marker if replayed else None,
            rows=self._rows if plan.rule.observation in _LISTED else None,
            row=row,
        )

    def _says(
        self,
        answer: HttpResponse,
        observation: Observation,
        facts: OrderFacts,
        plan: _ResponsePlan,
        asked: ResponseContext | None,
    ) -> bool:
        """Return whether the contract reads it as meant."""
        reading = self._reader.read(answer, asked or ResponseContext(facts.order_no or "", facts.provider_id))
        if reading.observation is not observation:
            return False
        if facts.state is not None and not self._shows(reading, facts.state, plan):
            return False
        wrong_id = facts.provider_id is not None and reading.provider_id not in (None, facts.provider_id)
        wrong_amount = facts.amount_minor is not None and reading.amount_minor not in (None, facts.amount_minor)
        return not wrong_id and not wrong_amount

    def _shows(self, reading: Interpretation, state: PaymentState, plan: _ResponsePlan) -> bool:
        if plan.word is None and plan.rule.state is None:
            return reading.state in (PaymentState.UNKNOWN, PaymentState.NOT_FOUND)
        return reading.state in (state, *_NEAREST.get(state, ()))
