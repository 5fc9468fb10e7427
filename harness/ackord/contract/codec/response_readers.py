"""Compile a contract's rules for answers, for every operation about one order that it has."""

from __future__ import annotations

from ...core.operation import OperationKind
from ..base.contract_error import ContractError
from ..base.template import split_text
from ..spec.body_formats import body_format
from ..spec.model import Contract, order_operations_of
from ..spec.operations import QuerySpec, SubmitSpec
from .response_reader import OrderRows, ResponseReader

__all__ = ["headers_read", "response_readers"]


def headers_read(contract: Contract) -> set[str]:
    """Return the names of the headers that conditions or facts are read from, in lower case."""
    operations = [part for _, part in order_operations_of(contract)]
    places = [at for operation in operations for rule in operation.answers for at in rule.when]
    places += contract.submit.replay_marker or {}
    for operation in operations:
        for extract in (operation.extract, *(rule.extract for rule in operation.answers if rule.extract is not None)):
            places += [place.at for place in extract.places().values()]
    return {at.removeprefix("header.").lower() for at in places if at.startswith("header.")}


def response_readers(contract: Contract) -> dict[OperationKind, ResponseReader]:
    """Compile what reads the answers to each operation about one order. Raises ``ContractError``."""
    readers = {
        row.kind: ResponseReader(
            part.answers,
            part.extract,
            contract.states,
            form=body_format(part.format, (row.kind, "format"), contract.charset),
            currency=contract.currency,
            units=contract.amounts.units(),
            rows=_rows_of(part) if isinstance(part, QuerySpec) else None,
            replay_marker=part.replay_marker if isinstance(part, SubmitSpec) else None,
        )
        for row, part in order_operations_of(contract)
    }
    readers[OperationKind.RESUBMIT] = readers[OperationKind.SUBMIT]
    return readers


_WHO = {
    "order_no": lambda response_context: response_context.order_no or None,
    "provider_id": lambda response_context: response_context.provider_id,
}


def _rows_of(query: QuerySpec) -> OrderRows | None:
    """Raises ``ContractError`` for a row matched by anything but the order number or the provider's identifier."""
    if query.rows is None:
        return None
    ours = []
    for at, text in query.match.items():
        variable = split_text(text, tuple(_WHO), ("query", "match", at)).variable
        if variable is None:
            raise ContractError(
                ("query", "match", at),
                f"{text!r} is not exactly one variable",
                expected="${order_no} or ${provider_id}",
            )
        ours.append((at, _WHO[variable]))
    return OrderRows(query.rows, tuple(ours), query.pick if isinstance(query.pick, str) else query.pick.largest)
