"""Define the variables of request templates, and the context that gives their values.

``${now:FORMAT}`` and ``${order.time:FORMAT}`` are times in a ``strftime`` format, followed by ``|ZONE`` if the zone is
not UTC: ``${order.time:%Y%m%d%H%M%S|+08:00}``, ``|Europe/Berlin``. ``now`` is the instant of sending, so it differs
between attempts. An order's time never changes: some providers (such as UnionPay) identify an order by number and time
together. ``${period.from:FORMAT}`` and ``${period.to:FORMAT}`` are the bounds of a statement's period.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .amounts import ISO_UNITS, AmountUnits
from .http_messages import TimestampNonce

__all__ = [
    "CAPTURED",
    "CLOCK_VARIABLES",
    "GIVEN",
    "LEDGER_VARIABLES",
    "ORDER_VARIABLES",
    "PREREQUISITE_VARIABLES",
    "REFUND_AMOUNTS",
    "REFUND_NUMBERS",
    "REFUND_VARIABLES",
    "STATEMENT_VARIABLES",
    "SUBMIT_VARIABLES",
    "VARIABLES",
    "VOLATILE",
    "TemplateContext",
    "TemplateVariable",
    "as_uuid",
    "base_of",
    "getter_of",
    "split_format",
]


class TemplateContext(NamedTuple):
    """All that a template may speak of, for one request."""

    account: str
    account_id: str
    order_no: str = ""
    amount_minor: int = 0
    currency: str = ""
    payee: str = ""
    created_s: int = 0
    provider_id: str | None = None
    cursor: int | str | None = None
    timestamp_nonce: TimestampNonce = TimestampNonce()
    callback_url: str | None = None
    captured: Mapping[str, str] = {}
    period_from_s: int = 0
    period_to_s: int = 0
    units: AmountUnits = ISO_UNITS
    refund_no: str = ""
    refund_minor: int = 0
    """What is to be given back, in minor units of the order's currency."""
    clock_advance_s: int = 0
    clock_unix_s: int = 0
    part: str | None = None


VariableGetter = Callable[[TemplateContext], str | int | Decimal | None]


class TemplateVariable(NamedTuple):
    get: VariableGetter
    meaning: str


CAPTURED = "captured."
"""What begins the name of a value that a prerequisite captured."""


def as_uuid(text: str) -> str:
    """A UUID that says the same as ``text``, always the same one (version 8 of RFC 9562: made by the application)."""
    digest = bytearray(hashlib.sha256(text.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    shown = digest.hex()
    return f"{shown[:8]}-{shown[8:12]}-{shown[12:16]}-{shown[16:20]}-{shown[20:]}"


VARIABLES: dict[str, TemplateVariable] = {
    "order_no": TemplateVariable(lambda s: s.order_no, "the merchant's own order number"),
    "order_no.uuid": TemplateVariable(
        lambda s: as_uuid(s.order_no), "a UUID that is always the same for the order number, where a key must be one"
    ),
    "order.time": TemplateVariable(
        lambda s: s.created_s, "when the order was made, the same in all its requests, with a format: see below"
    ),
    "amount.minor": TemplateVariable(
        lambda s: s.units.written_minor(s.amount_minor, s.currency),
        'the amount in minor units, a whole number: 1999 (with `amounts.minor_units: text` the text "1999")',
    ),
    "amount.major": TemplateVariable(
        lambda s: s.units.major(s.amount_minor, s.currency), 'the amount in major units, as text: "19.99"'
    ),
    "amount.number": TemplateVariable(
        lambda s: Decimal(s.units.major(s.amount_minor, s.currency)),
        "the amount in major units, in JSON as a number: 19.99",
    ),
    "refund_no": TemplateVariable(lambda s: s.refund_no, "a refund's own number, the same each time it is sent"),
    "refund_no.uuid": TemplateVariable(
        lambda s: as_uuid(s.refund_no), "a UUID that is always the same for the refund's number"
    ),
    "refund_amount.minor": TemplateVariable(
        lambda s: s.units.written_minor(s.refund_minor, s.currency),
        "what a refund gives back, in minor units; `amount.minor` is then the whole order's",
    ),
    "refund_amount.major": TemplateVariable(
        lambda s: s.units.major(s.refund_minor, s.currency), "the same in major units, as text"
    ),
    "refund_amount.number": TemplateVariable(
        lambda s: Decimal(s.units.major(s.refund_minor, s.currency)), "the same in major units, in JSON as a number"
    ),
    "currency": TemplateVariable(lambda s: s.currency, "the ISO 4217 code"),
    "currency.lower": TemplateVariable(lambda s: s.currency.lower(), "the same in lower case"),
    "payee": TemplateVariable(lambda s: s.payee, "who is to be paid"),
    "account.name": TemplateVariable(lambda s: s.account, "the account's name in this contract"),
    "account.id": TemplateVariable(lambda s: s.account_id, "the account's identifier at the provider"),
    "provider_id": TemplateVariable(lambda s: s.provider_id, "the provider's own identifier of the order"),
    "cursor": TemplateVariable(
        lambda s: s.cursor,
        "where a page of a ledger or statement begins; absent on the first, unless pages are `counted`",
    ),
    "period.from": TemplateVariable(
        lambda s: s.period_from_s, "when the period of a statement begins, with a format: see below"
    ),
    "period.from.unix": TemplateVariable(lambda s: s.period_from_s, "the same in seconds since 1970"),
    "period.to": TemplateVariable(lambda s: s.period_to_s, "when it ends, with a format: see below"),
    "period.to.unix": TemplateVariable(lambda s: s.period_to_s, "the same in seconds since 1970"),
    "part": TemplateVariable(lambda s: s.part, "which of the statements of an account's day (`parts`)"),
    "clock.advance_s": TemplateVariable(lambda s: s.clock_advance_s, "by how many seconds the sandbox's clock moves"),
    "clock.unix": TemplateVariable(
        lambda s: s.clock_unix_s, "what the sandbox's clock is to show then, in seconds since 1970"
    ),
    "now": TemplateVariable(lambda s: s.timestamp_nonce.unix_s, "the time of sending, with a format: see below"),
    "now.unix": TemplateVariable(lambda s: s.timestamp_nonce.unix_s, "the time of sending, in seconds since 1970"),
    "nonce": TemplateVariable(lambda s: s.timestamp_nonce.nonce, "letters and digits that no other request carries"),
    "nonce.uuid": TemplateVariable(lambda s: as_uuid(s.timestamp_nonce.nonce), "a UUID that no other request carries"),
    "callback_url": TemplateVariable(
        lambda s: s.callback_url, "where the provider's callbacks are taken; absent without any"
    ),
}
VOLATILE = frozenset({"now", "now.unix", "nonce", "nonce.uuid"})
"""Variables that differ from attempt to attempt and are never part of what is paid."""
GIVEN = frozenset({"provider_id", "cursor"})
"""Variables whose values come from the provider, beside what is captured."""

_EVERYWHERE = frozenset({"account.name", "account.id", *VOLATILE})
_ORDER = frozenset({"order_no", "order_no.uuid", "order.time"})
_PAYMENT = _ORDER | {"amount.minor", "amount.major", "amount.number", "currency", "currency.lower", "payee"}
SUBMIT_VARIABLES = _PAYMENT | _EVERYWHERE | {"callback_url"}
PREREQUISITE_VARIABLES = SUBMIT_VARIABLES
REFUND_NUMBERS = frozenset({"refund_no", "refund_no.uuid"})
REFUND_AMOUNTS = frozenset({"refund_amount.minor", "refund_amount.major", "refund_amount.number"})
REFUND_VARIABLES = _PAYMENT | _EVERYWHERE | REFUND_NUMBERS | REFUND_AMOUNTS | {"provider_id", "callback_url"}
ORDER_VARIABLES = _ORDER | _EVERYWHERE | {"provider_id", "callback_url"}
LEDGER_VARIABLES = _EVERYWHERE | {"order_no", "order_no.uuid", "provider_id", "cursor"}
CLOCK_VARIABLES = _EVERYWHERE | {"clock.advance_s", "clock.unix"}
_PERIOD = frozenset({"period.from", "period.from.unix", "period.to", "period.to.unix"})
STATEMENT_VARIABLES = _EVERYWHERE | _PERIOD | {"cursor", "part"}

_TIMES = ("now", "order.time", "period.from", "period.to")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})\Z")


def base_of(name: str) -> str:
    """A variable's name without its format: ``now`` for ``now:%Y``."""
    return name.partition(":")[0]


def getter_of(name: str) -> VariableGetter:
    """Return the getter of a variable's value.

    Raises ``ValueError`` for an invalid format, ``KeyError`` for a name that no table has.
    """
    if name.startswith(CAPTURED):
        key = name.removeprefix(CAPTURED)
        return lambda template_context: template_context.captured.get(key)
    base, colon, pattern = name.partition(":")
    variable = VARIABLES[base]
    if base not in _TIMES:
        if colon:
            raise ValueError(f"${{{base}}} takes no format")
        return variable.get
    if not pattern:
        raise ValueError(f"${{{base}}} needs a format, such as ${{{base}:%Y-%m-%dT%H:%M:%SZ}}")
    return _time_getter(variable.get, pattern)


def _time_getter(get: Callable[[TemplateContext], Any], pattern: str) -> VariableGetter:
    pattern, zone = split_format(pattern)
    try:
        datetime.fromtimestamp(0, zone).strftime(pattern)
    except ValueError:
        raise ValueError(f"{pattern!r} is no format of strftime") from None
    return lambda template_context: datetime.fromtimestamp(get(template_context), zone).strftime(pattern)


def split_format(pattern: str) -> tuple[str, tzinfo]:
    """A time's format without its zone, and the zone. Raises ``ValueError`` for a zone that is none."""
    pattern, bar, offset = pattern.partition("|")
    zone: tzinfo = UTC
    if bar:
        match = _OFFSET.match(offset)
        if match is None and "/" in offset:
            try:
                return pattern, ZoneInfo(offset)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(f"{offset!r} is no zone of this machine's time zone database") from None
        if match is None or match[2] > "23":
            raise ValueError(f"{offset!r} is no zone, as +08:00 and Europe/Berlin are")
        sign = -1 if match[1] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))
    return pattern, zone
