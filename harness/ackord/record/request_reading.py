"""Read what a merchant's own client sends: which operation of the contract a request is, and for which payment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from ..contract.base.amounts import AmountUnits
from ..contract.base.http_messages import HttpRequest
from ..contract.base.variables import REFUND_AMOUNTS
from ..contract.codec.codec import Payment, Refund
from ..contract.codec.request_parser import ParsedRequest, RequestParser
from ..contract.loading.loader import LoadedContract
from ..contract.signing import FixedHeaders
from ..contract.spec.model import operations_of
from ..core.money import Money
from ..core.operation import OperationKind

__all__ = ["RequestReading", "first_value", "headers_with_variables"]


class RequestReading:
    """Reads the requests of one merchant, who may have several accounts."""

    def __init__(self, loaded: LoadedContract) -> None:
        self._contract = contract = loaded.contract
        self._parser = RequestParser(contract)
        self._accounts = _AccountIndex(loaded)
        self._prefixes = tuple(
            urlsplit(url).path for url in (contract.base_url or "", *contract.nodes.values(), *contract.hosts.values())
        )

    def read(self, request: HttpRequest) -> ParsedRequest | None:
        """Return what a request asks for; ``None``: it is no operation of the contract."""
        for prefix in dict.fromkeys((*self._prefixes, "")):
            if request.target.startswith(prefix):
                below = request._replace(target=request.target[len(prefix) :])
                if (asked := self._parser.read(below)) is not None:
                    return asked
        return None

    def payment(self, request: HttpRequest, asked: ParsedRequest, numbers: Mapping[str, str]) -> Payment:
        """Return the payment that a request is about; its order number is empty if it is not known.

        ``numbers``: order numbers by the provider's identifiers.
        """
        values = asked.values
        number = first_value(values, "order_no", "order_no.uuid")
        if not number and (provider_id := first_value(values, "provider_id")):
            number = numbers.get(provider_id, "")
        currency = first_value(values, "currency", "currency.lower").upper() or self._contract.currency
        account = self.account(request, values)
        amount_minor = _amount_minor(values, currency, self._contract.amounts.units())
        return Payment(number, account, amount_minor, currency, first_value(values, "payee"))

    def refund(self, asked: ParsedRequest, payment: Payment) -> Refund | None:
        """Return what a request asks to be given back, all of ``payment`` where it does not say it; ``None`` for a
        request that is no refund.
        """
        if asked.operation != OperationKind.REFUND:
            return None
        values, units = asked.values, self._contract.amounts.units()
        told = {name.removeprefix("refund_"): value for name, value in values.items() if name in REFUND_AMOUNTS}
        amount_minor = _amount_minor(told, payment.currency, units) if told else payment.amount_minor
        return Refund(first_value(values, "refund_no", "refund_no.uuid"), amount_minor)

    def account(self, request: HttpRequest, values: Mapping[str, Any]) -> str:
        """Return the contract's name of the account that sent a request."""
        return self._accounts.of(request, values)


class _AccountIndex:
    """Finds whose a request is. What is left of the credentials in a HAR still tells accounts apart."""

    def __init__(self, loaded: LoadedContract) -> None:
        accounts = loaded.contract.accounts
        self._ids = {account.id or name: name for name, account in accounts.items()}
        self._owner = loaded.contract.owner
        self._names: dict[tuple[tuple[str, str], ...], str] = {}
        """Accounts by the headers that carry their credentials."""
        self._known: frozenset[str] = frozenset()
        for name, side in loaded.codec.merchants.items():
            if isinstance(side, FixedHeaders):
                headers = tuple((header.lower(), value) for header, value in side.headers)
                self._names[headers] = name
                self._known |= {header for header, _ in headers}
        self._met: dict[str, str] = {}

    def of(self, request: HttpRequest, values: Mapping[str, Any]) -> str:
        """Return the contract's name of the account.

        Of credentials that the contract does not know, the first are the owner's, and others get a name of their own.
        """
        told = first_value(values, "account.id") or first_value(values, "account.name")
        if told:
            return self._ids.get(told, told)
        shown = tuple((n.lower(), value) for n, value in request.headers if n.lower() in self._known)
        if not shown:
            return self._owner
        if shown in self._names:
            return self._names[shown]
        digest = hashlib.blake2b(repr(sorted(shown)).encode(), digest_size=4).hexdigest()
        name = self._owner if not self._met else f"account-{digest}"
        return self._met.setdefault(digest, name)


def headers_with_variables(loaded: LoadedContract) -> list[str]:
    """Return the names of the request headers that a ``RequestReading`` reads, in lower case, sorted."""
    requests = [part.request for _, part in operations_of(loaded.contract)]
    found = {name.lower() for request in requests for name, value in request.headers.items() if "${" in value}
    for side in loaded.codec.merchants.values():
        if isinstance(side, FixedHeaders):
            found |= {name.lower() for name, _ in side.headers}
    return sorted(found)


def first_value(values: Mapping[str, Any], *names: str) -> str:
    """Return the first of the variables that has a value, as text."""
    return next((str(values[name]) for name in names if values.get(name) not in (None, "")), "")


def _amount_minor(values: Mapping[str, Any], currency: str, units: AmountUnits) -> int:
    """Return the amount; 0 if the request has no readable amount."""
    minor, major = values.get("amount.minor"), first_value(values, "amount.major", "amount.number")
    try:
        if minor is not None:
            return units.of_minor(int(str(minor)), currency)
        return Money.from_major(Decimal(major), currency).amount_minor if major else 0
    except (ValueError, InvalidOperation):
        return 0
