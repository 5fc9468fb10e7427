"""Compile a contract for a client: payments to requests, answers to interpretations. No I/O happens here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...core.operation import OperationKind
from ..base.contract_error import ContractError
from ..base.http_messages import HttpRequest, HttpResponse
from ..base.payment import PLAIN, Payment, Refund, RequestContext, template_context_of
from ..base.periods import Period
from ..base.variables import SUBMIT_VARIABLES, TemplateContext
from ..signing import FixedHeaders, MerchantSide
from ..spec.auth import Auth, merchant_side, token_holder
from ..spec.ledger import LedgerSpec
from ..spec.model import Contract, order_operations_of
from .callback_reader import CallbackReader
from .clock_codec import ClockCodec
from .ledger_codec import LedgerCodec
from .ledger_rows import LedgerPage, LedgerRow
from .payload_identity import PayloadIdentity
from .prerequisite_codec import PrerequisiteCodec, prerequisites_of
from .request_renderer import RequestRenderer, RequestRenderError
from .response_reader import UNKNOWN_CONTEXT, Interpretation, ResponseContext, ResponseReader, unreadable
from .response_readers import headers_read, response_readers
from .statement_codec import StatementCodec, StatementDownload
from .submit_variations import SubmitVariations
from .table_codec import TableCodec, table_codec_of

__all__ = [
    "Codec",
    "HttpRequest",
    "HttpResponse",
    "Interpretation",
    "LedgerPage",
    "LedgerRow",
    "Payment",
    "Period",
    "PrerequisiteCodec",
    "Refund",
    "RequestContext",
    "RequestRenderError",
    "ResponseContext",
    "StatementDownload",
    "compile_contract",
]


class Codec:
    """What a client of one provider needs to know. Made by ``compile_contract``; safe to share between threads."""

    def __init__(self, contract: Contract) -> None:
        """Raises ``ContractError``."""
        self.contract = contract
        accounts = contract.accounts
        self._account_ids = {name: account.id or name for name, account in accounts.items()}
        self.merchants = merchants = {name: _merchant(name, account.auth) for name, account in accounts.items()}
        """By account: signs, and says whether an answer is genuine."""
        self.token_holders = {name: h for name, m in merchants.items() if (h := token_holder(m)) is not None}
        """By account: who must be given an access token before the account's requests can be signed."""
        self.prerequisites, captured = prerequisites_of(contract, merchants)
        self._readers = response_readers(contract)

        self._renderers = {
            row.kind: RequestRenderer(
                part.request,
                merchants,
                row.variables | captured,
                (row.kind, "request"),
                accept=self._readers[row.kind].form.content_type,
            )
            for row, part in order_operations_of(contract)
        }
        self._renderers[OperationKind.RESUBMIT] = self._renderers[OperationKind.SUBMIT]
        self._identity = PayloadIdentity(contract, captured)
        self._variations = SubmitVariations(
            contract, merchants, SUBMIT_VARIABLES | captured, self._renderers[OperationKind.SUBMIT],
            self._readers[OperationKind.SUBMIT].form.content_type,
        )  # fmt: skip
        signed = any(not isinstance(merchant, FixedHeaders) for merchant in merchants.values())
        extracted = any(not isinstance(part.format, str) for _, part in order_operations_of(contract))
        self.answer_headers = ["*"] if signed or extracted else sorted(headers_read(contract))
        """Headers of answers that a reading needs; ``*``: any, because answers are signed, or read by an extractor."""
        self.request_headers = ["*"] if signed else []
        """Request headers that a reader needs: a response's signature may cover any of them (RFC 9421, 2.4)."""
        self.clock = None if contract.sandbox_clock is None else ClockCodec(contract, contract.sandbox_clock, merchants)
        """What moves the sandbox's clock on; ``None``: nothing does."""
        self.callbacks, self._units = CallbackReader(contract, merchants), contract.amounts.units()
        self.promises = replace(contract.to_promises(), signs_callbacks=self.callbacks.are_signed)
        ledger = contract.ledger
        self.ledger = LedgerCodec(ledger, contract, merchants) if isinstance(ledger, LedgerSpec) else None
        """What asks the API for the ledger; ``None`` where that is no part of it."""
        self.table: TableCodec | None = table_codec_of(contract)
        """What asks for a ledger that is a query or a command; ``None`` without one."""
        self._statement = StatementCodec(contract.statement, contract, merchants) if contract.statement else None
        self._by_provider_id = {
            row.kind for row, part in order_operations_of(contract) if part.speaks_of("provider_id")
        }
        self.asks_by_provider_id = self.needs_provider_id(OperationKind.QUERY)
        """A query needs the provider's identifier, which only an answer to a submit tells."""

    @property
    def has_ledger(self) -> bool:
        """Whether the API has a ledger."""
        return self.ledger is not None

    @property
    def ledger_account(self) -> str:
        """Who asks for the ledger; empty without one."""
        return self.ledger.account if self.ledger is not None else ""

    @property
    def ledger_start(self) -> str | None:
        """The cursor of the ledger's first page; ``None`` where that is asked for without one."""
        start = None if self.ledger is None else self.ledger.pages.asked(None)
        return None if start is None else str(start)

    def needs_provider_id(self, kind: OperationKind) -> bool:
        """Whether the operation's request names the order by the provider's identifier."""
        return kind in self._by_provider_id

    def request(
        self,
        kind: OperationKind,
        payment: Payment,
        provider_id: str | None = None,
        request_context: RequestContext = PLAIN,
        refund: Refund | None = None,
        variation: str = "",
    ) -> HttpRequest:
        """Render the request of an operation about one order. ``variation``: how a submit differs from the usual one.

        ``refund``: what is given back, by a refund. Raises ``LookupError`` for an operation that the contract does not
        have, and for an identifier or a refund that is needed and not known; ``KeyError`` for an unknown account;
        ``RequestRenderError`` for what cannot be written or signed.
        """
        renderer = self._renderer(kind)
        if variation:
            return self._variations.render(variation, self._subject(payment, request_context))
        if provider_id is None and kind in self._by_provider_id:
            raise LookupError(f"the {kind} needs the provider's identifier of the order")
        subject = self._subject(payment, request_context)._replace(provider_id=provider_id)
        if kind is OperationKind.REFUND:
            if refund is None:
                raise LookupError("a refund needs a number and an amount of its own")
            subject = subject._replace(refund_no=refund.number, refund_minor=refund.amount_minor)
        return renderer.render(subject)

    def _renderer(self, kind: OperationKind) -> RequestRenderer:
        try:
            return self._renderers[kind]
        except KeyError:
            raise LookupError(
                f"the contract of {self.contract.provider} has no section {kind} that is about one order."
                f" Expected one of {', '.join(self._renderers)}"
            ) from None

    def submit(self, payment: Payment, request_context: RequestContext = PLAIN) -> HttpRequest:
        """Render the request that submits ``payment``, first or again. Raises what ``request`` raises."""
        return self._renderers[OperationKind.SUBMIT].render(self._subject(payment, request_context))

    def query(
        self, payment: Payment, provider_id: str | None = None, request_context: RequestContext = PLAIN
    ) -> HttpRequest:
        """Render the request that asks for an order. Raises what ``request`` raises."""
        return self.request(OperationKind.QUERY, payment, provider_id, request_context)

    def acknowledgement(self) -> dict[str, Any]:
        """Return, as plain JSON data, the rules that say whether an answer to a submit acknowledges it.

        The gateway's ``AcknowledgementRules`` evaluates them.
        """
        submit = self.contract.submit
        body = (
            submit.format
            if isinstance(submit.format, str)
            else submit.format.model_dump(mode="json", by_alias=True, exclude_none=True)
        )
        rules = [[rule.when, rule.observation.value, rule.format or ""] for rule in submit.answers]
        return {"format": body, "charset": self.contract.charset, "rules": rules}

    def ledger_page(
        self,
        account: str | None = None,
        cursor: str | None = None,
        request_context: RequestContext = PLAIN,
        payment: Payment | None = None,
        provider_id: str | None = None,
    ) -> HttpRequest:
        """Render the request for one page of the ledger, by default as the account that the contract names for it.

        ``payment`` and ``provider_id`` say whose movements, where the ledger is read by order. Raises ``LookupError``
        without a ledger.
        """
        if self.ledger is None:
            raise LookupError(f"the contract of {self.contract.provider} has no ledger")
        name = account or self.ledger.account
        asked = self.ledger.pages.asked(cursor)
        template_context = TemplateContext(
            name, self._account_ids[name], cursor=asked, timestamp_nonce=request_context.timestamp_nonce,
            order_no=payment.order_no if payment is not None else "",
            created_s=payment.created_s if payment is not None else 0, provider_id=provider_id,
        )  # fmt: skip
        return self.ledger.renderer.render(template_context)

    def statement_page(
        self,
        period: Period,
        account: str | None = None,
        cursor: str | None = None,
        request_context: RequestContext = PLAIN,
        *,
        account_id: str = "",
        part: str | None = None,
    ) -> HttpRequest:
        """Render the request for a period's statement, or one page of it, by default the owner's.

        ``account_id``: the provider's identifier of another account. Raises ``LookupError`` without a statement.
        """
        name = account or self.contract.owner
        return self._stated().renderer.render(TemplateContext(
            name, account_id or self._account_ids[name], cursor=self._stated().asked(cursor), part=part,
            timestamp_nonce=request_context.timestamp_nonce, period_from_s=period.from_s, period_to_s=period.to_s,
        ))  # fmt: skip

    def statement_file(
        self,
        answer: HttpResponse,
        origin: str,
        account: str | None = None,
        request_context: RequestContext = PLAIN,
        response_context: ResponseContext = UNKNOWN_CONTEXT,
    ) -> StatementDownload | None:
        """Render the request for the file that an answer of ``origin`` names.

        ``None``: the answer is the statement itself. Does not raise for what a provider sends.
        """
        statement = self._stated()
        if not statement.in_two_steps:
            return None
        problem = self.problem_of(answer, response_context)
        if problem:
            return StatementDownload(None, f"the statement's file cannot be fetched: not genuine: {problem}")
        return statement.file(answer, origin, account or self.contract.owner, request_context.timestamp_nonce)

    def _stated(self) -> StatementCodec:
        if self._statement is None:
            raise LookupError(f"the contract of {self.contract.provider} has no statement")
        return self._statement

    def host_of(self, kind: OperationKind) -> str:
        """Return which of the contract's hosts an operation goes to; empty for the provider's own address.

        Raises ``LookupError`` as ``request`` does.
        """
        return self._renderer(kind).host

    def reader(self, kind: OperationKind) -> ResponseReader:
        """Return what reads an operation's answers, whoever signed them.

        Raises ``KeyError`` for an operation that the contract does not have.
        """
        return self._readers[kind]

    def read(
        self, kind: OperationKind, answer: HttpResponse, response_context: ResponseContext = UNKNOWN_CONTEXT
    ) -> Interpretation:
        """Interpret an answer. Does not raise for what a provider sends.

        ``kind`` is an operation about one order that the contract has. An answer that is not genuine by the keys of the
        asker's account is UNREADABLE: it proves nothing.
        """
        problem = self.problem_of(answer, response_context)
        if problem:
            return unreadable(f"{answer.status}, not genuine: {problem}")
        return self._readers[kind].read(answer, response_context)

    def problem_of(self, answer: HttpResponse, response_context: ResponseContext) -> str:
        """Return why an answer is not genuine by the keys of the asker's account; empty where there are none."""
        merchant = self.merchants.get(response_context.account)
        if merchant is None or isinstance(merchant, FixedHeaders):
            return ""
        return merchant.problem_of(answer, response_context.request, response_context.at)

    def read_ledger_page(
        self,
        answer: HttpResponse,
        account: str | None = None,
        numbers: Mapping[str, str] | None = None,
        response_context: ResponseContext = UNKNOWN_CONTEXT,
        cursor: str | None = None,
    ) -> LedgerPage:
        """Read the rows of one page. Does not raise for what a provider sends.

        ``account`` asked for the page by ``cursor`` (``None``: the first); ``numbers`` maps the provider's identifiers
        to order numbers. A page that is not genuine by the keys of the asker's account cannot be read.
        """
        if self.ledger is None:
            raise LookupError(f"the contract of {self.contract.provider} has no ledger")
        problem = self.problem_of(answer, response_context)
        if problem:
            return LedgerPage((), None, f"the ledger cannot be read: not genuine: {problem}")
        return self.ledger.read(answer, account or self.ledger.account, numbers or {}, cursor)

    def fingerprint(self, payment: Payment, variation: str = "") -> str:
        """Return the identity of the payload, 16 hexadecimal digits.

        Payments whose submits are equal but for ignored fields have the same; ``variation`` as in ``request``.
        """
        return self._identity.fingerprint(self._subject(payment, PLAIN), variation)

    def variations(self, payment: Payment) -> frozenset[str]:
        """Return the variations of an order's submit about whose bytes or key the contract promises something."""
        return self._variations.playable(self._subject(payment, PLAIN))

    def _subject(self, payment: Payment, request_context: RequestContext) -> TemplateContext:
        return template_context_of(payment, self._account_ids[payment.account], request_context, self._units)


def _merchant(name: str, auth: Auth | None) -> MerchantSide:
    try:
        return merchant_side(auth)
    except ContractError as error:
        raise error.under("accounts", name, "auth") from None


def compile_contract(contract: Contract) -> Codec:
    """Compile a contract. Raises ``ContractError``, with its place, for a template that cannot be compiled."""
    return Codec(contract)
