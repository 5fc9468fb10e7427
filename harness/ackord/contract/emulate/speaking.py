"""One operation's answers, written: which rule says what is meant, tried out and remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...core.money import Money
from ...core.operation import Observation
from ...core.payment_state import PaymentState
from ..base.bodies import Unwritable
from ..base.wire import WireAnswer
from ..codec.answers import AnswerReader, Asker, Reading
from ..spec.operations import AnswerRule, Extract
from .writing import facts_of, write_answer

__all__ = ["Facts", "Speaker", "Words"]

_NEAREST: dict[PaymentState, tuple[PaymentState, ...]] = {
    PaymentState.RECEIVED: (PaymentState.PROCESSING,),
    PaymentState.PROCESSING: (PaymentState.RECEIVED,),
    PaymentState.DECLINED: (PaymentState.FAILED, PaymentState.CANCELLED),
    PaymentState.CANCELLED: (PaymentState.FAILED, PaymentState.DECLINED),
    PaymentState.FAILED: (PaymentState.DECLINED, PaymentState.CANCELLED),
    PaymentState.RETURNED: (PaymentState.FAILED, PaymentState.CANCELLED),
}
"""What is said instead of a state that a contract has no word for."""


_LISTED = (Observation.STATUS, Observation.NOT_FOUND)
"""What a list is answered for; an error has a shape of its own."""


class Facts(NamedTuple):
    """What an answer is to tell of an order."""

    provider_id: str | None = None
    order_no: str | None = None
    amount_minor: int | None = None
    currency: str = ""
    state: PaymentState | None = None


class Words(NamedTuple):
    """What all operations of a contract share."""

    states: Mapping[str, str]
    currency: str

    def of(self, state: PaymentState) -> list[tuple[PaymentState, str]]:
        """Words for a state, the best first; each with the state that it really means."""
        found = []
        for meant in (state, *_NEAREST.get(state, ())):
            found += [(meant, word) for word, name in self.states.items() if name == meant.name]
        return found


class _Plan(NamedTuple):
    rule: AnswerRule
    word: str | None


class Speaker:
    """Writes one operation's answers."""

    def __init__(
        self,
        rules: Sequence[AnswerRule],
        extract: Extract,
        reader: AnswerReader,
        words: Words,
        *,
        rows: str | None = None,
        ours: Mapping[str, str] | None = None,
        replay_marker: Mapping[str, Any] | None = None,
    ) -> None:
        self._rules = rules
        self._extract = extract
        self._reader = reader
        self._words = words
        self._rows = rows
        self._ours = ours or {}
        self._replay_marker = replay_marker
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self.problem = ""
        """Why an answer that was tried could not be written, for who has to mend it."""

    def say(
        self, observations: Iterable[Observation], facts: Facts, *, replayed: bool = False, asked: Asker | None = None
    ) -> WireAnswer | None:
        """An answer that is read as the first of ``observations`` that the contract has a rule for; ``None`` if it has none that can be written."""
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

    def _candidates(self, observation: Observation, facts: Facts) -> Iterable[_Plan]:
        for rule in self._rules:
            if rule.observation is not observation:
                continue
            if facts.state is None:
                yield _Plan(rule, None)
                continue
            if rule.state is not None:
                meanings = (facts.state, *_NEAREST.get(facts.state, ()))
                if any(rule.state == state.name for state in meanings):
                    yield _Plan(rule, None)
            elif "state" in facts_of(self._extract, rule):
                for _, word in self._words.of(facts.state):
                    yield _Plan(rule, word)
            else:
                yield _Plan(rule, None)

    def _written(self, plan: _Plan, facts: Facts, replayed: bool) -> WireAnswer | None:
        try:
            return self._write(plan, facts, replayed)
        except Unwritable as why:
            self.problem = str(why)
            return None

    def _write(self, plan: _Plan, facts: Facts, replayed: bool) -> WireAnswer:
        """Raises ``Unwritable``."""
        told: dict[str, Any] = {"provider_id": facts.provider_id, "order_no": facts.order_no, "state": plan.word}
        if facts.amount_minor is not None:
            told["amount_minor"] = facts.amount_minor
            told["amount_major"] = Money(facts.amount_minor, facts.currency or self._words.currency).major()
        row = None
        if self._rows is not None and plan.rule.observation is Observation.STATUS:
            values = {"${order_no}": facts.order_no, "${provider_id}": facts.provider_id}
            row = {at: values.get(text) for at, text in self._ours.items() if values.get(text) is not None}
        return write_answer(
            plan.rule,
            self._extract,
            told,
            form=self._reader.form,
            more=self._replay_marker if replayed else None,
            rows=self._rows if plan.rule.observation in _LISTED else None,
            row=row,
        )

    def _says(
        self, answer: WireAnswer, observation: Observation, facts: Facts, plan: _Plan, asked: Asker | None
    ) -> bool:
        """Whether the contract reads it as it is meant."""
        reading = self._reader.read(answer, asked or Asker(facts.order_no or "", facts.provider_id))
        if reading.observation is not observation:
            return False
        if facts.state is not None and not self._shows(reading, facts.state, plan):
            return False
        wrong_id = facts.provider_id is not None and reading.provider_id not in (None, facts.provider_id)
        wrong_amount = facts.amount_minor is not None and reading.amount_minor not in (None, facts.amount_minor)
        return not wrong_id and not wrong_amount

    def _shows(self, reading: Reading, state: PaymentState, plan: _Plan) -> bool:
        if plan.word is None and plan.rule.state is None:
            return reading.state in (PaymentState.UNKNOWN, PaymentState.NOT_FOUND)
        return reading.state in (state, *_NEAREST.get(state, ()))
