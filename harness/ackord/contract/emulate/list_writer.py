"""Writes an emulator's answers other than orders: pages of the ledger, and prerequisites."""

from __future__ import annotations

from typing import Any

from ..base.http_messages import HttpResponse
from ..base.json_path import MISSING
from ..base.variables import as_uuid
from ..body.conditions import example_of, test_of
from ..codec.codec import Codec
from ..spec.ledger import LedgerSpec
from ..spec.model import Contract
from ..spec.places import as_selector, form_of_rows
from .domain_requests import PrerequisiteRequest
from .domain_responses import MovementsResponse, ProviderMovement
from .response_builder import ResponseBuilder, enclosing, likely_status

__all__ = ["write_ledger_page", "write_prerequisite_response"]


def write_ledger_page(contract: Contract, page: MovementsResponse) -> HttpResponse:
    """Write one page of movements in the contract's form."""
    ledger = contract.ledger
    assert isinstance(ledger, LedgerSpec)  # only then is it asked for
    ids = {name: account.id or name for name, account in contract.accounts.items()}
    rows = [
        _row(ledger, movement, ids.get(movement.account, movement.account), contract)
        for movement in page.movements
        if movement.kind != "refund" or ledger.refund_kind
    ]
    draft = ResponseBuilder(form_of_rows(ledger.rows).in_charset(contract.charset), None)
    draft.set_rows(ledger.rows, rows)
    if ledger.next is not None:
        place = as_selector(ledger.next)
        draft.set(place.at, enclosing(place, str(page.next)) if page.movements else MISSING)
    return HttpResponse(200, {"content-type": draft.form.content_type, **draft.headers}, draft.body())


def _row(ledger: LedgerSpec, movement: ProviderMovement, account_id: str, contract: Contract) -> Any:
    fields = ledger.extract
    kinds: dict[str, str] = {meaning: word for word, meaning in reversed(ledger.kinds.items())}
    out = movement.kind == "payout" and ledger.sign == "negative_out"
    amount = -movement.amount if out else movement.amount
    currency = movement.currency or contract.currency
    kind = ledger.refund_kind if movement.kind == "refund" else movement.kind
    facts: list[tuple[str | None, Any]] = [
        (fields.movement_id, str(movement.id)),
        (ledger.next_row, str(movement.id)),
        (fields.order_no, movement.order_no),
        (fields.provider_id, movement.provider_id),
        (fields.account, account_id),
        (fields.currency, currency),
        (fields.amount_minor, contract.amounts.units().written_minor(amount, currency)),
        (fields.amount_major, contract.amounts.units().major(amount, currency)),
        (fields.kind, kinds.get(kind, kind)),
        (fields.refund_no, movement.refund_no or None),
    ]
    form = form_of_rows(ledger.rows)
    row: Any = form.new_document(None)
    for path, value in facts:
        if path is not None and value is not None:
            row = form.put(row, path, value)
    return row


def write_prerequisite_response(codec: Codec, asked: PrerequisiteRequest) -> HttpResponse:
    """Write a success with a value at every captured place, the same for the same request. Raises ``Unwritable``."""
    index, part = next((i, p) for i, p in enumerate(codec.contract.prerequisites) if p.name == asked.name)
    form = codec.prerequisites[index].form
    draft = ResponseBuilder(form, None)
    about = f"{asked.account}/{asked.name}/{asked.values.get('order_no', '')}"
    for name, field in part.capture.items():
        place = as_selector(field)
        draft.set(place.at, enclosing(place, as_uuid(f"{about}/{name}")))
    for at, wanted in part.succeeded.items():
        if at != "status" and not test_of(at, wanted)(draft.document, draft.headers, MISSING):
            draft.set(at, example_of(wanted))
    headers = {"content-type": form.content_type, **draft.headers}
    return HttpResponse(likely_status(part.succeeded.get("status")), headers, draft.body())
