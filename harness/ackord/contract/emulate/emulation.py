"""Serve a contract: turn requests into what the provider is asked, and its replies into answers and callbacks.

Every answer is written so that the contract's own reader reads it as meant. A contract that has no words for what every
provider must say is refused when the emulation is made; anything else is said by a bare HTTP status. So a contract and
its emulator agree by construction, which proves the format and the codec, and nothing about the provider.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...core.operation import Observation, OperationKind
from ...core.payment_state import PaymentState
from ...errors import UsageError
from ..base.body_parsing import UnwritableBody
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..body import Encoding
from ..codec.codec import Codec
from ..codec.request_parser import ParsedRequest, RequestParser
from ..codec.response_reader import ResponseContext, ResponseReader
from ..signing.oauth2 import OAuth2Provider
from ..spec.auth import provider_side, token_issuer
from ..spec.callbacks import Callback
from ..spec.model import Contract, order_operations_of
from ..spec.operations import OperationSpec, QuerySpec, RowOrder, SubmitSpec
from .callback_sender import OutgoingCallback
from .domain_requests import (
    InvalidRequest,
    LedgerRequest,
    OrderActionRequest,
    PrerequisiteRequest,
    ProviderRequest,
    QueryRequest,
    RefundRequest,
    StatementRequest,
    SubmitRequest,
    TokenRequest,
)
from .domain_responses import (
    STATES,
    MovementsResponse,
    OrderResponse,
    ProviderOrder,
    ProviderResponse,
    RefundResponse,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from .key_rules import KeyRules
from .list_writer import write_ledger_page, write_prerequisite_response
from .refusals import REFUSALS
from .request_reader import cursor_of, domain_request
from .response_writer import ContractVocabulary, OrderFacts, ResponseWriter
from .statement_writer import statement_writer
from .trigger_headers import trigger_pulled

__all__ = ["ContractEmulation"]

_Callbacks = Sequence[tuple[Callback, ResponseWriter]]


class ContractEmulation:
    """Emulates the provider of one contract. Safe to share between threads.

    Raises ``UsageError`` for a contract that has no words for what every provider must be able to say.
    """

    def __init__(self, codec: Codec) -> None:
        contract = codec.contract
        self._codec = codec
        self.contract = contract
        self._understanding, self._key_rules = RequestParser(contract), KeyRules(contract)
        self._providers = {name: provider_side(account.auth) for name, account in contract.accounts.items()}
        self._givers: dict[str, list[OAuth2Provider]] = {}
        """Token issuers by target; accounts may share an address for tokens."""
        for side in self._providers.values():
            if (giver := token_issuer(side)) is not None:
                self._givers.setdefault(giver.settings.target, []).append(giver)
        self._ids = {account.id or name: name for name, account in contract.accounts.items()}
        words = ContractVocabulary(contract.states, contract.currency, contract.amounts.units())

        def response_writer(part: OperationSpec | Callback, reader: ResponseReader) -> ResponseWriter:
            _check_writable(reader.form, contract)
            marker = part.replay_marker if isinstance(part, SubmitSpec) else None
            rows = None if isinstance(part, OperationSpec) and not isinstance(part, QuerySpec) else part.rows
            match = part.match if isinstance(part, QuerySpec) else None
            ordered = part.pick.largest if isinstance(part, QuerySpec) and isinstance(part.pick, RowOrder) else ""
            return ResponseWriter(
                part.answers, part.extract, reader, words, replay_marker=marker, rows=rows, match=match, ordered=ordered
            )

        self._speakers: dict[str, ResponseWriter] = {
            row.kind: response_writer(part, codec.reader(row.kind)) for row, part in order_operations_of(contract)
        }
        self._callbacks = [
            (callback, response_writer(callback, codec.callbacks.reader(callback.name)))
            for callback in contract.callbacks
        ]
        self.deferred = any(rule.observation is Observation.DEFERRED for rule in contract.query.answers)
        """Whether queries are answered by callbacks."""
        for prerequisite in codec.prerequisites:
            _check_writable(prerequisite.form, contract)
        self._statement = statement_writer(contract, self._providers)
        self._try_out()

    # From requests to domain requests.

    def understand(self, request: HttpRequest, at: TimestampNonce | None = None) -> ProviderRequest:
        """Return what a request asks for. Does not raise for what a merchant sends.

        ``at`` is when the request came, for signatures that grow old.
        """
        if request.method == "POST" and request.target in self._givers:
            return TokenRequest(self.contract.owner)
        if self._statement is not None and (wanted := self._statement.asked_for_file(request, at)) is not None:
            return wanted
        understood = self._understanding.read(request) or self._key_rules.read(request)
        if understood is None:
            what = f"{request.method} {request.target.partition('?')[0]}"
            return InvalidRequest(Refusal(RefusalKind.INVALID_REQUEST, f"{what} is no operation of the contract"))
        account, problem = self._account_of(request, understood, at)
        if problem:
            return InvalidRequest(Refusal(RefusalKind.UNAUTHORIZED, problem), understood.operation)
        try:
            if understood.operation == OperationKind.STATEMENT and self._statement is not None:
                return self._statement.asked(understood.values, account, cursor_of(understood.values))
            asked = domain_request(self.contract, self._key_rules.applied(understood, request, at), account)
            if isinstance(asked, SubmitRequest):
                return asked._replace(trigger=trigger_pulled(self.contract, request))
            return asked
        except ValueError as error:
            refusal = Refusal(RefusalKind.INVALID_REQUEST, str(error))
            return InvalidRequest(refusal, understood.operation, account)

    def _account_of(
        self, request: HttpRequest, understood: ParsedRequest, at: TimestampNonce | None
    ) -> tuple[str, str]:
        """Return whose request it is, or what is wrong with it.

        The signature decides, and what the request says where accounts share their keys.
        """
        named = understood.values.get("account.id")
        first_problem = ""
        for name, provider in self._providers.items():
            problem = provider.problem_of(request, at)
            if not problem and (named is None or self._ids.get(str(named), name) == name):
                return name, ""
            first_problem = first_problem or problem
        return "", first_problem or f"the account {named} is not known"

    # From domain responses to answers.

    def answer(
        self,
        asked: ProviderRequest,
        reply: ProviderResponse,
        request: HttpRequest,
        timestamp_nonce: TimestampNonce = TimestampNonce(),
    ) -> HttpResponse:
        """Render a response, signed as the contract says."""
        if isinstance(asked, TokenRequest):
            answers = [giver.token_answer(request) for giver in self._givers[request.target]]
            return next((answer for answer in answers if answer.status == 200), answers[0])
        if self._statement is not None and isinstance(asked, StatementRequest) and isinstance(reply, MovementsResponse):
            answer = self._statement.answer(asked, reply, request, timestamp_nonce)
        else:
            answer = self._answer(asked, reply)
        if not (isinstance(asked, StatementRequest) and asked.file):  # files that are only fetched are not signed
            account = asked.account or next(iter(self._providers))
            answer = self._providers[account].sign(answer, request, timestamp_nonce)
        return answer._replace(headers={**answer.headers, "content-length": str(len(answer.body))})

    def _answer(self, asked: ProviderRequest, reply: ProviderResponse) -> HttpResponse:
        if isinstance(asked, PrerequisiteRequest):
            try:
                return write_prerequisite_response(self._codec, asked)
            except UnwritableBody as why:
                return HttpResponse(500, {"content-type": "text/plain"}, str(why).encode())
        if isinstance(asked, LedgerRequest) and isinstance(reply, MovementsResponse):
            return write_ledger_page(self.contract, reply)
        said = self._say(asked, reply)
        if said is not None:
            return said
        status = REFUSALS[reply.kind][1] if isinstance(reply, Refusal) else 200
        return HttpResponse(status, {"content-type": "text/plain"}, b"")

    def _say(self, asked: ProviderRequest, reply: ProviderResponse) -> HttpResponse | None:
        """Render an answer with the contract's rules; ``None`` if none applies."""
        response_writer = self._speakers.get(_operation_of(asked))
        if response_writer is None:
            return None
        if isinstance(asked, QueryRequest) and self.deferred and not _is_trouble(reply):
            return response_writer.write((Observation.DEFERRED,), OrderFacts())
        if isinstance(reply, Refusal):
            return self._refuse(response_writer, reply, asked)
        if isinstance(reply, RefundResponse):
            return _refunded(response_writer, reply)
        return self._tell(response_writer, reply, asked) if isinstance(reply, OrderResponse) else None

    def _tell(
        self, response_writer: ResponseWriter, told: OrderResponse, asked: ProviderRequest
    ) -> HttpResponse | None:
        observation = Observation.STATUS if isinstance(asked, QueryRequest) else Observation.ACK
        replayed = told.telling in (ResponseReason.ACCEPTED_AGAIN, ResponseReason.REPLAYED)
        facts = _facts(told.order)
        answer = response_writer.write((observation, Observation.STATUS), facts, replayed=replayed)
        if answer is None and observation is Observation.ACK:  # it may have no word for how far the order has come
            answer = response_writer.write((observation,), facts._replace(state=None), replayed=replayed)
        return answer

    def _refuse(self, response_writer: ResponseWriter, refusal: Refusal, asked: ProviderRequest) -> HttpResponse | None:
        facts = OrderFacts()
        if refusal.order is not None and refusal.kind is RefusalKind.DUPLICATE_POINTER:
            facts = OrderFacts(provider_id=refusal.order.provider_id)
        elif refusal.order is not None:  # what is given away
            facts = OrderFacts(amount_minor=refusal.order.amount, currency=refusal.order.currency)
        return response_writer.write(REFUSALS[refusal.kind][0], facts, asked=_asker(asked))

    # Callbacks.

    def announce(self, order: ProviderOrder) -> list[OutgoingCallback]:
        """Return the callbacks of an order's status change; empty if the contract sends none."""
        announcing = [
            (callback, response_writer) for callback, response_writer in self._callbacks if callback.announces
        ]
        return self._show(order, announcing)

    def _show(self, order: ProviderOrder, callbacks: _Callbacks) -> list[OutgoingCallback]:
        response_context = ResponseContext(order.order_no, order.provider_id)
        return self._call(callbacks, response_context, order.account, Observation.STATUS, _facts(order))

    def later(self, asked: ProviderRequest, reply: ProviderResponse) -> list[OutgoingCallback]:
        """Return the callback with the result of a deferred query."""
        if not (isinstance(asked, QueryRequest) and self.deferred):
            return []
        ending = [(callback, response_writer) for callback, response_writer in self._callbacks if callback.ends_query]
        if isinstance(reply, OrderResponse):
            return self._show(reply.order, ending)
        if isinstance(reply, Refusal) and reply.kind is RefusalKind.NOT_FOUND:
            response_context = ResponseContext(asked.order_no, asked.provider_id or None)
            return self._call(
                ending, response_context, asked.account, Observation.NOT_FOUND, OrderFacts(order_no=asked.order_no)
            )
        return []

    def _call(
        self,
        callbacks: _Callbacks,
        response_context: ResponseContext,
        account: str,
        observation: Observation,
        facts: OrderFacts,
    ) -> list[OutgoingCallback]:
        for callback, response_writer in callbacks:
            said = response_writer.write((observation,), facts, asked=response_context)
            if said is None:
                continue
            path = callback.path.replace("${order_no}", response_context.order_no).replace(
                "${provider_id}", response_context.provider_id or ""
            )
            headers = tuple((name, value) for name, value in said.headers.items())
            request = HttpRequest(callback.method, path, headers, said.body)
            return [OutgoingCallback(request, self._providers[account], callback.reply, account)]
        return []

    def _try_out(self) -> None:
        """Write every required answer once. Raises ``UsageError`` for a contract whose answers cannot be written."""
        order = ProviderOrder("po_1", self.contract.owner, "1", 100, self.contract.currency, "payee", "ACCEPTED", "A")
        submit, query = (
            SubmitRequest(order.account, order.submission),
            QueryRequest(order.account, order.order_no, order.provider_id),
        )
        paid = order._replace(status="PAID")
        needed: list[tuple[str, ProviderRequest, ProviderResponse]] = [
            ("an order that is taken (observation: ACK)", submit, OrderResponse(order, ResponseReason.ACCEPTED)),
            ("an order that is on its way (observation: STATUS)", query, OrderResponse(order, ResponseReason.SHOWN)),
            ("an order that is paid (observation: STATUS)", query, OrderResponse(paid, ResponseReason.SHOWN)),
            ("no such order (observation: NOT_FOUND)", query, Refusal(RefusalKind.NOT_FOUND, "")),
        ]
        calling = [response_writer for _, response_writer in self._callbacks]
        for what, asked, reply in needed:
            said = self._say(asked, reply)
            if said is None or (self.deferred and isinstance(asked, QueryRequest) and not self.later(asked, reply)):
                raise self._unsayable(f"answer can be written that its rules read as {what}", asked, calling)
        if any(callback.announces for callback in self.contract.callbacks) and not self.announce(paid):
            raise self._unsayable("call can be written that its rules read as an order that is paid", None, calling)

    def _unsayable(self, what: str, asked: ProviderRequest | None, calling: Sequence[ResponseWriter]) -> UsageError:
        speakers = [*([] if asked is None else [self._speakers[_operation_of(asked)]]), *calling]
        why = next((f" ({response_writer.problem})" for response_writer in speakers if response_writer.problem), "")
        return UsageError(
            f"the contract of {self.contract.provider} cannot be emulated: no {what}{why}.\n"
            "  mend: give conditions with regex an example, and a word under states for RECEIVED or PROCESSING"
            " and for SUCCEEDED"
        )


def _check_writable(form: Encoding, contract: Contract) -> None:
    if not form.writable:
        raise UsageError(
            f"the contract of {contract.provider} cannot be emulated: {form.shown}, nobody writes.\n"
            "  mend: give its extractor a writer, in the package that brings it"
        )


def _facts(order: ProviderOrder) -> OrderFacts:
    return OrderFacts(
        order.provider_id, order.order_no, order.amount, order.currency, STATES[order.status], order.payee
    )


def _refunded(response_writer: ResponseWriter, reply: RefundResponse) -> HttpResponse | None:
    """Render that a refund was accepted: as paid where the contract has a word for how far it is, or without."""
    refund = reply.refund
    facts = OrderFacts(refund.refund_id, refund.order_no, refund.amount, refund.currency)
    for state in (PaymentState.SUCCEEDED, PaymentState.PROCESSING, None):
        for observation in (Observation.DUPLICATE, Observation.ACK) if reply.again else (Observation.ACK,):
            said = response_writer.write((observation,), facts._replace(state=state), replayed=reply.again)
            if said is not None:
                return said
    return None


def _asker(asked: ProviderRequest) -> ResponseContext | None:
    if isinstance(asked, QueryRequest | OrderActionRequest | RefundRequest):
        return ResponseContext(asked.order_no, asked.provider_id or None)
    return ResponseContext(asked.submission.order_no) if isinstance(asked, SubmitRequest) else None


def _operation_of(asked: ProviderRequest) -> str:
    if isinstance(asked, InvalidRequest):
        return asked.operation
    if isinstance(asked, OrderActionRequest):
        return asked.kind
    return _OPERATIONS.get(type(asked), "")


_OPERATIONS: dict[type[ProviderRequest], OperationKind] = {
    SubmitRequest: OperationKind.SUBMIT,
    QueryRequest: OperationKind.QUERY,
    RefundRequest: OperationKind.REFUND,
    LedgerRequest: OperationKind.LEDGER,
}


def _is_trouble(reply: ProviderResponse) -> bool:
    """Return whether a response answers even a deferred query immediately."""
    return isinstance(reply, Refusal) and reply.kind is not RefusalKind.NOT_FOUND
