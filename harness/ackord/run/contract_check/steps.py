"""Send a few requests without faults and past the gateway, to tell a wrong contract from a wrong provider before a run.

Each step reports what was sent, what was expected, what came, and whose fault it is. The contract is at fault if it
cannot read a response, a fact is not where it says, or the request is refused. The provider is at fault if its
response can be read and does not do what the contract promises.
"""

from __future__ import annotations

import asyncio

from ...contract.base.body_parsing import UnreadableBody
from ...contract.codec.codec import Codec, HttpRequest, HttpResponse, Interpretation, compile_contract
from ...contract.loading.diagnosis import Diagnosis, diagnose_facts, diagnose_interpretation
from ...contract.loading.loader import LoadedContract
from ...contract.signing.oauth2 import read_token, token_request
from ...contract.spec.sandbox import without_triggers
from ...core.clock import RealClock
from ...core.operation import Observation, OperationKind
from ...core.payment_state import TERMINAL
from ...core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ...core.seed import Seed
from ...masking import hide, mask
from ...record.field_redaction import redacted_fields
from ...workload.order_factory import OrderFactory
from .probe_client import CheckStep, ProbeClient, ProbeOrder
from .refusal_hints import with_hint

__all__ = ["ContractCheck"]

_O = Observation
_TRIES = 5
_PAUSE_S = 0.2
_SHOWN = 300
"""Characters of an answer."""
_LOOKS = 15
"""How often an order is looked at until it has ended; its status words are all to be known."""


class ContractCheck:
    """One pass. Orders are submitted: whoever opens the talk sees to it that the provider is of this machine."""

    def __init__(self, loaded: LoadedContract, talk: ProbeClient, clock: RealClock) -> None:
        contract = loaded.contract
        self.codec = loaded.codec
        self.steps: list[CheckStep] = []
        self.submitted: ProbeOrder | None = None
        """The order that was accepted."""
        self._contract = contract
        self._talk, self._clock = talk, clock
        self._book = OrderFactory(
            Seed(clock.now_ns()),
            f"{clock.now_ns():x}"[-10:] + "-",
            form=contract.order_no.number_form(),
            account=contract.owner,
            currencies=contract.order_currencies,
            amounts=without_triggers(contract.limits.amounts(), contract.sandbox_triggers),
            created_s=clock.unix_s(),
        )

    async def run(self) -> list[CheckStep]:
        """Run the steps, up to one that makes the next meaningless. Raises ``EnvironmentFailed`` without any answer."""
        try:
            await self._run()
        finally:
            await self._talk.close()
        return self.steps

    async def _run(self) -> None:
        order = self._deal()
        if not await self._token(order) or not await self._prepare(order, per_order=False):
            return
        if not self.codec.asks_by_provider_id:
            await self._unknown(self._deal())
        if not await self._prepare(order, per_order=True) or not await self._submit(order):
            return
        await self._query(order)
        await self._other_nodes(order)
        await self._again(order)
        await self._altered(order)
        if self._contract.accounts[self._contract.owner].auth is not None:
            await self._stranger(order)

    def _deal(self) -> ProbeOrder:
        return ProbeOrder(self._book.create_order().payment)

    # -- the steps -----------------------------------------------------------------------------------------------------

    async def _token(self, order: ProbeOrder) -> bool:
        """An access token, where the account's requests are signed with one."""
        account = order.payment.account
        holder = self.codec.token_holders.get(account)
        if holder is None:
            return True
        request = token_request(holder.settings)
        answer = await self._talk.send(request, "")
        step = CheckStep(
            "an access token is asked for",
            f"{request.method} {request.target}",  # its body holds the secret, and so does a good answer
            "a token",
            str(answer.status),
        )
        self.steps.append(step)
        try:
            holder.token, _ = read_token(answer)
            hide(holder.token)
        except ValueError as why:
            step.contract_is_wrong(
                Diagnosis(("accounts", account, "auth"), str(why), "check where tokens are given, and the secrets")
            )
            return False
        return True

    async def _prepare(self, order: ProbeOrder, *, per_order: bool) -> bool:
        for index, prerequisite in enumerate(self.codec.prerequisites):
            if prerequisite.per_order is not per_order:
                continue
            request = prerequisite.request(order.payment, self._talk.request_context())
            answer = await self._talk.send(request, self._contract.prerequisites[index].request.host or "")
            step = self._step(
                f"the prerequisite {prerequisite.name}", request, "its success, with what is captured of it", answer
            )
            try:
                self._talk.captured |= prerequisite.read(answer)
            except UnreadableBody as why:
                part = "capture" if " has no " in str(why) else "succeeded"
                step.contract_is_wrong(Diagnosis(("prerequisites", index, part), str(why), "look at the answer again"))
                return False
        return True

    async def _unknown(self, order: ProbeOrder) -> None:
        """Nobody submitted it."""
        step, answer, reading = await self._ask(order, "an order that nobody submitted is asked for", (_O.NOT_FOUND,))
        if reading.observation is _O.STATUS:
            facts = list(
                diagnose_facts(
                    self.codec, OperationKind.QUERY, answer, reading, order.response_context(), order.payment
                )
            )
            facts = [blame for blame in facts if blame.path[-1] in ("provider_id", "state", "order_no")]
            if facts:
                blame = diagnose_interpretation(
                    self.codec, OperationKind.QUERY, answer, reading, (_O.NOT_FOUND,), order.response_context()
                )
                step.contract_is_wrong(blame)
            else:
                step.provider_is_wrong(("query",), "it shows an order that nobody submitted")

    async def _submit(self, order: ProbeOrder) -> bool:
        kind = OperationKind.SUBMIT
        step, answer, reading = await self._perform(order, kind, "an order is submitted", (_O.ACK,))
        if reading.observation is not _O.ACK:
            return False
        step.contract_is_wrong(
            *diagnose_facts(self.codec, kind, answer, reading, order.response_context(), order.payment)
        )
        order.provider_id, self.submitted = reading.provider_id, order
        if self.codec.asks_by_provider_id and order.provider_id is None:
            step.contract_is_wrong(
                Diagnosis(
                    ("submit", "extract"),
                    "a query needs the provider's identifier, and no answer to the submit gives it",
                )
            )
            return False
        return True

    async def _query(self, order: ProbeOrder) -> None:
        """At once; and until it has ended, because each of its status words must be known."""
        step, answer, reading = await self._ask(order, "it is asked for", (_O.STATUS, _O.IN_PROGRESS))
        if reading.observation is _O.NOT_FOUND:
            self._not_found(step, answer, reading, order)
            return
        seen: set[tuple[tuple[str | int, ...], str]] = set()
        for look in range(_LOOKS):
            if reading.observation is _O.STATUS:
                for blame in diagnose_facts(
                    self.codec, OperationKind.QUERY, answer, reading, order.response_context(), order.payment
                ):
                    if (blame.path, blame.problem) not in seen:
                        step.contract_is_wrong(blame)
                    seen.add((blame.path, blame.problem))
                self._same_id(step, reading, order, ("query", "extract", "provider_id"))
            if step.findings or reading.state in TERMINAL or look + 1 == _LOOKS or reading.observation is not _O.STATUS:
                break
            await asyncio.sleep(_PAUSE_S)
            answer, reading = await self._talk.exchange(order, OperationKind.QUERY)
            step.came += f", then {reading.detail}" if reading.detail not in step.came else ""

    async def _other_nodes(self, order: ProbeOrder) -> None:
        """Every node that the contract declares must serve the whole API: another service has a host of its own."""
        shown = (_O.STATUS, _O.IN_PROGRESS, _O.DEFERRED)
        again, promised = (_O.ACK, *shown), self._contract.promises.on_same_payload
        tried = [(OperationKind.QUERY, "is asked for it", "was asked for an order", {*shown})]
        if promised is not SamePayloadAnswer.NEW_MOVEMENT:
            tried += [(OperationKind.RESUBMIT, "is sent it again", "was sent an order", {*again, *_SAME[promised]})]
        for name in self._talk.nodes:
            for kind, does, told, wanted in tried:
                request = self._talk.request(self.codec, order, kind)
                answer = await self._talk.send(request, name)
                reading = self.codec.read(kind, answer, order.response_context())
                step = self._step(f"node {name} {does}", request, " or ".join(sorted(wanted)), answer, reading)
                if reading.observation not in wanted:
                    problem = f"node {name} {told} and answered {reading.detail}: did you mean hosts?"
                    mend = "a node serves all that the others do; what serves single requests only stands under hosts"
                    step.contract_is_wrong(Diagnosis(("nodes", name), problem, f"{mend}, and they name it (host)"))
                    break

    def _not_found(self, step: CheckStep, answer: HttpResponse, reading: Interpretation, order: ProbeOrder) -> None:
        not_found = self._contract.promises.not_found
        rule = next(r for r in self._contract.query.answers if r.observation is _O.NOT_FOUND)
        if set(rule.when) == {"status"}:
            step.contract_is_wrong(
                Diagnosis(
                    ("query", "request", "path"),
                    f"the order that was just acknowledged is answered {reading.detail}, and the contract reads any "
                    f"{answer.status} as not found: "
                    "the path may be wrong, or the order may be missing",
                    "check the path, and add a condition on the body to the rule that says NOT_FOUND",
                )
            )
        elif not_found == "forbidden":
            step.provider_is_wrong(("promises", "not_found"), "the order that was just acknowledged is not found")
        else:
            step.came += ", which the contract allows"

    async def _again(self, order: ProbeOrder) -> None:
        """The same number with the same payload."""
        promised = self._contract.promises.on_same_payload
        wanted = _SAME[promised]
        step, _, reading = await self._perform(order, OperationKind.RESUBMIT, "the same is submitted again", wanted)
        at = ("promises", "on_same_payload")
        if reading.observation not in wanted:
            if not step.findings:
                step.provider_is_wrong(
                    at,
                    f"on_same_payload: {promised} is promised, and it was answered {reading.detail}, read as "
                    f"{reading.observation}",
                )
        elif promised is SamePayloadAnswer.NEW_MOVEMENT:
            if reading.provider_id is not None and reading.provider_id == order.provider_id:
                step.provider_is_wrong(
                    at,
                    "on_same_payload: new_movement is declared, and the first order was given again",
                    "declare what it does",
                )
        else:
            self._same_id(step, reading, order, at)

    async def _altered(self, order: ProbeOrder) -> None:
        """The same number with another amount."""
        promised = self._contract.promises.on_other_payload
        wanted = _OTHER[promised]
        payment = order.payment
        amount_minor = self._book.amounts.other(payment.amount_minor, 1)
        other = ProbeOrder(payment._replace(amount_minor=amount_minor), order.provider_id)
        step, _, reading = await self._perform(
            other, OperationKind.RESUBMIT, "it is submitted with another amount", wanted
        )
        at = ("promises", "on_other_payload")
        if reading.observation not in wanted:
            if not step.findings:
                step.provider_is_wrong(
                    at,
                    f"on_other_payload: {promised} is promised, and it was answered {reading.detail}, read as "
                    f"{reading.observation}",
                )
        elif promised is OtherPayloadAnswer.REPLAY_ORIGINAL:
            self._same_id(step, reading, order, at)

    async def _stranger(self, order: ProbeOrder) -> None:
        """The same query without credentials."""
        accounts = {name: a.model_copy(update={"auth": None}) for name, a in self._contract.accounts.items()}
        codec = compile_contract(self._contract.model_copy(update={"accounts": accounts}))
        refusals = (_O.REJECTED, _O.NOT_FOUND)
        step, _, reading = await self._ask(order, "it is asked for without credentials", refusals, codec=codec)
        if reading.observation in (_O.STATUS, _O.DEFERRED):
            step.provider_is_wrong(
                ("accounts", order.payment.account, "auth"), "it shows the order to somebody without credentials"
            )

    def _same_id(self, step: CheckStep, reading: Interpretation, order: ProbeOrder, at: tuple[str | int, ...]) -> None:
        if None not in (reading.provider_id, order.provider_id) and reading.provider_id != order.provider_id:
            step.provider_is_wrong(
                at, f"it is now called {reading.provider_id}, and was acknowledged as {order.provider_id}"
            )

    # -- one step ------------------------------------------------------------------------------------------------------

    async def _ask(
        self, order: ProbeOrder, name: str, wanted: tuple[Observation, ...], *, codec: Codec | None = None
    ) -> tuple[CheckStep, HttpResponse, Interpretation]:
        return await self._perform(order, OperationKind.QUERY, name, wanted, codec=codec)

    async def _perform(
        self,
        order: ProbeOrder,
        kind: OperationKind,
        name: str,
        wanted: tuple[Observation, ...],
        *,
        codec: Codec | None = None,
    ) -> tuple[CheckStep, HttpResponse, Interpretation]:
        """Send, read, and blame the contract for what has no reading. A transient error is tried again a few times."""
        for attempt in range(_TRIES):
            request = self._talk.request(codec or self.codec, order, kind)
            answer, reading = await self._talk.exchange(order, kind, request)
            if reading.observation not in (_O.RETRYABLE, _O.IN_PROGRESS) or reading.observation in wanted:
                break
            if attempt + 1 < _TRIES:
                await asyncio.sleep(_PAUSE_S)
        step = self._step(name, request, " or ".join(wanted), answer, reading)
        unread = reading.observation is _O.UNREADABLE
        rejected = reading.observation is _O.REJECTED and _O.REJECTED not in wanted
        if unread or (rejected and kind is not OperationKind.RESUBMIT):
            blame = diagnose_interpretation(self.codec, kind, answer, reading, wanted, order.response_context())
            side, now_s = self.codec.merchants[order.payment.account], self._clock.unix_s()
            step.contract_is_wrong(with_hint(blame, side, request, answer, now_s))
        elif reading.observation is _O.RETRYABLE:
            at = ("query" if kind is OperationKind.QUERY else "submit", "answers")
            step.provider_is_wrong(at, f"it answered {reading.detail} {_TRIES} times: a transient error that stays")
        return step, answer, reading

    def _step(
        self,
        name: str,
        request: HttpRequest,
        expected: str,
        answer: HttpResponse,
        reading: Interpretation | None = None,
    ) -> CheckStep:
        body = mask(redacted_fields(answer.body, self._contract.redact).decode("utf-8", "replace"))[:_SHOWN]
        read = f", read as {reading.observation} ({reading.detail})" if reading is not None else ""
        sent = f"{request.method} {request.target} {request.body.decode('utf-8', 'replace')}".rstrip()
        self.steps.append(CheckStep(name, sent, expected, f"{answer.status} {body}{read}"))
        return self.steps[-1]


_SAME: dict[SamePayloadAnswer, tuple[Observation, ...]] = {
    SamePayloadAnswer.REPLAY_ORIGINAL: (_O.ACK,),
    SamePayloadAnswer.REPLAY_CURRENT: (_O.ACK, _O.STATUS),
    SamePayloadAnswer.REJECT_WITH_POINTER: (_O.DUPLICATE,),
    SamePayloadAnswer.REJECT_PLAIN: (_O.REJECTED, _O.DUPLICATE, _O.CONFLICT),
    SamePayloadAnswer.NEW_MOVEMENT: (_O.ACK,),
}
_OTHER: dict[OtherPayloadAnswer, tuple[Observation, ...]] = {
    OtherPayloadAnswer.REJECT: (_O.CONFLICT, _O.REJECTED, _O.DUPLICATE),
    OtherPayloadAnswer.REPLAY_ORIGINAL: (_O.ACK, _O.STATUS),
    OtherPayloadAnswer.NEW_MOVEMENT: (_O.ACK,),
}
