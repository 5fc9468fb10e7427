"""A contract at work: payments to requests, answers to readings. Compiled once, then pure and fast; no input or output happens here."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from ..core.operation import OperationKind
from .answers import AnswerReader, Reading, Unreadable, parse_json, text_of, whole_number
from .auth import Auth, merchant_side
from .extract import MISSING, compile_path, split_path
from .model import Contract
from .operations import Ledger, Request
from .signing import FixedHeaders, MerchantSide, SigningProblem
from .template import (
    LEDGER_VARIABLES,
    QUERY_VARIABLES,
    SUBMIT_VARIABLES,
    Path_,
    Subject,
    Template,
    TemplateProblem,
    in_address,
    in_header,
    json_template,
    text_template,
)
from .wire import Moment, WireAnswer, WireRequest

__all__ = [
    "Codec",
    "LedgerPage",
    "LedgerRow",
    "Payment",
    "Reading",
    "TemplateProblem",
    "WireAnswer",
    "WireRequest",
    "compile_contract",
]


class Payment(NamedTuple):
    """What the merchant means to pay, under one order number."""

    order_no: str
    account: str
    """A name from the contract's ``accounts``."""
    amount_minor: int
    currency: str
    payee: str


class LedgerRow(NamedTuple):
    """One movement of money."""

    movement_id: str
    order_no: str
    """Empty for a movement that belongs to no order."""
    account: str
    """The contract's name of the account, or the provider's own identifier of an account that the contract does not know."""
    amount_minor: int
    kind: str
    """``payout`` or ``return``."""


class LedgerPage(NamedTuple):
    """One page of the ledger. With a ``problem`` it could not be read, and it proves nothing."""

    rows: tuple[LedgerRow, ...]
    next_cursor: str | None
    """``None``: this was the last page."""
    problem: str = ""


class _Renderer:
    """One request's templates."""

    __slots__ = ("_body", "_fixed", "_headers", "_method", "_path", "_query", "_signers")

    def __init__(
        self, request: Request, merchants: dict[str, MerchantSide], allowed: frozenset[str], at: Path_
    ) -> None:
        self._method = request.method
        self._path = text_template(request.path, allowed, (*at, "path"), in_address)
        self._query = [
            (in_address(name), text_template(text, allowed, (*at, "query", name), in_address))
            for name, text in request.query.items()
        ]
        self._body = None if request.json_body is None else json_template(request.json_body, allowed, (*at, "json"))
        own = {name.lower() for name in request.headers}
        fixed = [] if "accept" in own else [("accept", "application/json")]
        if self._body is not None and "content-type" not in own:
            fixed.append(("content-type", "application/json"))
        self._headers: list[tuple[str, Template]] = []
        for name, text in request.headers.items():
            template = text_template(text, allowed, (*at, "headers", name), in_header)
            if template.constant:
                fixed.append((name, template.render(Subject("", ""))))
            else:
                self._headers.append((name, template))
        self._fixed = {
            name: (*fixed, *merchant.headers) if isinstance(merchant, FixedHeaders) else tuple(fixed)
            for name, merchant in merchants.items()
        }
        self._signers = {name: m for name, m in merchants.items() if not isinstance(m, FixedHeaders)}

    def render(self, subject: Subject, moment: Moment) -> WireRequest:
        target = self._path.render(subject)
        if self._query:
            pairs = [f"{name}={t.render(subject)}" for name, t in self._query if not t.absent(subject)]
            if pairs:
                target = f"{target}?{'&'.join(pairs)}"
        headers = self._fixed[subject.account]
        if self._headers:
            headers = (*headers, *((name, template.render(subject)) for name, template in self._headers))
        body = b"" if self._body is None else self._body.render(subject).encode()
        request = WireRequest(self._method, target, headers, body)
        signer = self._signers.get(subject.account)
        return request if signer is None else signer.sign(request, moment)


def _merchant(name: str, auth: Auth | None) -> MerchantSide:
    try:
        return merchant_side(auth)
    except SigningProblem as error:
        at = ("accounts", name, "auth", *error.path)
        raise TemplateProblem(at, error.problem, expected=error.expected, mend=error.mend) from None


class Codec:
    """What a client of one provider needs to know. Made by ``compile_contract``; safe to share between threads."""

    def __init__(self, contract: Contract) -> None:
        """Raises ``TemplateProblem``."""
        self.contract = contract
        self.promises = contract.to_promises()
        accounts = contract.accounts
        self._account_ids = {name: account.id or name for name, account in accounts.items()}
        self.merchants = {name: _merchant(name, account.auth) for name, account in accounts.items()}
        """By account: signs, and says whether an answer is genuine."""
        submit = contract.submit.request
        self._submit = _Renderer(submit, self.merchants, SUBMIT_VARIABLES, ("submit", "request"))
        self._query = _Renderer(contract.query.request, self.merchants, QUERY_VARIABLES, ("query", "request"))
        self._identity_path = text_template(submit.path, SUBMIT_VARIABLES, (), in_address)
        identity = _without(submit.json_body, [split_path(path) for path in contract.volatile])
        self._identity = json_template(identity, SUBMIT_VARIABLES, ("submit", "request", "json"), sort_keys=True)
        submit_reader = AnswerReader(contract.submit.answers, contract.submit.extract, contract.states)
        query_reader = AnswerReader(contract.query.answers, contract.query.extract, contract.states)
        self._readers = {
            OperationKind.SUBMIT: submit_reader,
            OperationKind.RESUBMIT: submit_reader,
            OperationKind.QUERY: query_reader,
        }
        self._ledger = _LedgerCodec(contract.ledger, contract, self.merchants) if contract.ledger else None

    @property
    def has_ledger(self) -> bool:
        return self._ledger is not None

    def submit(self, payment: Payment, moment: Moment = Moment()) -> WireRequest:
        """The request that submits ``payment``, the first time and every other time. Raises ``KeyError`` for an unknown account."""
        return self._submit.render(self._subject(payment), moment)

    def query(
        self, order_no: str, account: str, provider_id: str | None = None, moment: Moment = Moment()
    ) -> WireRequest:
        """The request that asks for an order. Raises ``KeyError`` for an unknown account."""
        subject = Subject(account, self._account_ids[account], order_no, provider_id=provider_id)
        return self._query.render(subject, moment)

    def ledger_page(
        self, account: str | None = None, cursor: str | None = None, moment: Moment = Moment()
    ) -> WireRequest:
        """The request for one page of the ledger, by default as the account that the contract names for it. Raises ``LookupError`` without a ledger."""
        if self._ledger is None:
            raise LookupError(f"the contract of {self.contract.provider} has no ledger")
        name = account or self._ledger.account
        return self._ledger.renderer.render(Subject(name, self._account_ids[name], cursor=cursor), moment)

    def read(self, kind: OperationKind, answer: WireAnswer) -> Reading:
        """What an answer says; whatever a provider sends, this does not raise. ``kind`` is a submit, a resubmit or a query."""
        return self._readers[kind].read(answer)

    def read_ledger_page(self, answer: WireAnswer, account: str | None = None) -> LedgerPage:
        """The rows of one page; ``account`` is the one that asked. Does not raise for what a provider sends: see ``LedgerPage.problem``."""
        if self._ledger is None:
            raise LookupError(f"the contract of {self.contract.provider} has no ledger")
        try:
            return self._ledger.read(answer, account or self._ledger.account)
        except Unreadable as why:
            return LedgerPage((), None, f"the ledger cannot be read: {why}")

    def fingerprint(self, payment: Payment) -> str:
        """The identity of the payload: equal for payments whose submits are equal but for volatile fields. 16 hexadecimal digits."""
        subject = self._subject(payment)
        payload = f"{self._identity_path.render(subject)}\n{self._identity.render(subject)}"
        return hashlib.blake2b(payload.encode(), digest_size=8).hexdigest()

    def _subject(self, payment: Payment) -> Subject:
        order_no, account, amount_minor, currency, payee = payment
        return Subject(account, self._account_ids[account], order_no, amount_minor, currency, payee)


class _LedgerCodec:
    """Pages of the ledger."""

    def __init__(self, ledger: Ledger, contract: Contract, merchants: dict[str, MerchantSide]) -> None:
        self.account = ledger.account or contract.owner
        self.renderer = _Renderer(ledger.request, merchants, LEDGER_VARIABLES, ("ledger", "request"))
        self._names = {account.id or name: name for name, account in contract.accounts.items()}
        self._rows = compile_path(ledger.rows)
        self._next = compile_path(ledger.next) if ledger.next else None
        fields = ledger.extract
        self._movement_id = compile_path(fields.movement_id)
        self._order_no = compile_path(fields.order_no)
        self._amount = compile_path(fields.amount_minor)
        self._account_of = compile_path(fields.account) if fields.account else None
        self._kind = compile_path(fields.kind) if fields.kind else None
        self._kinds = ledger.kinds

    def read(self, answer: WireAnswer, asked_by: str) -> LedgerPage:
        if not 200 <= answer.status < 300:
            raise Unreadable(f"status {answer.status}")
        document = parse_json(answer)
        rows = self._rows(document)
        if type(rows) is not list:
            raise Unreadable(f"{answer.status}, the list of movements is missing")
        cursor = MISSING if self._next is None else self._next(document)
        return LedgerPage(
            tuple([self._row(row, asked_by) for row in rows]), text_of(cursor, "the next page's cursor"), ""
        )

    def _row(self, row: Any, asked_by: str) -> LedgerRow:
        movement_id = text_of(self._movement_id(row), "a movement's id")
        amount_minor = whole_number(self._amount(row), "a movement's amount")
        if movement_id is None or amount_minor is None:
            raise Unreadable("a movement has no id or no amount")
        account = asked_by
        if self._account_of is not None:
            found = text_of(self._account_of(row), "a movement's account")
            if found is None:
                raise Unreadable(f"the movement {movement_id} has no account")
            account = self._names.get(found, found)
        kind = "payout"
        if self._kind is not None:
            word = text_of(self._kind(row), "a movement's kind")
            if word not in self._kinds:
                raise Unreadable(f"the movement {movement_id} is of the unknown kind {word!r}")
            kind = self._kinds[word]
        return LedgerRow(
            movement_id, text_of(self._order_no(row), "a movement's order number") or "", account, amount_minor, kind
        )


def _without(value: Any, paths: list[tuple[str | int, ...]]) -> Any:
    """A copy of plain data without what stands at ``paths``."""
    here = {path[0]: [p[1:] for p in paths if p[:1] == path[:1]] for path in paths if path}
    if isinstance(value, dict):
        items = value.items()
        return {k: _without(v, [p for p in here.get(k, []) if p]) for k, v in items if () not in here.get(k, [])}
    if isinstance(value, list):
        return [
            _without(v, [p for p in here.get(i, []) if p]) for i, v in enumerate(value) if () not in here.get(i, [])
        ]
    return value


def compile_contract(contract: Contract) -> Codec:
    """Everything that can be worked out once. Raises ``TemplateProblem`` for a template that cannot be compiled, with its place."""
    return Codec(contract)
