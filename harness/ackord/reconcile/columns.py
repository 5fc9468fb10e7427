"""Turns columns of a merchant's or a provider's table into the columns that a reconciliation takes, as SQL of DuckDB.

A value that cannot be read becomes null and is reported by ``tables``; nothing is rounded, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from ..core.money import exponent_of
from ..core.payment_state import NO_MONEY, PaymentState
from ..errors import UsageError, did_you_mean
from .classes import ORDER_STATES, OrderState

__all__ = [
    "ORDER_FIELDS",
    "STATEMENT_FIELDS",
    "FeeRule",
    "TableForm",
    "UnknownColumn",
    "local_day",
    "pairs_of",
    "places_of",
    "quoted",
    "text_literal",
]

ORDER_FIELDS = ("order_no", "amount", "currency", "account", "status", "created", "refunded", "fee", "day")
STATEMENT_FIELDS = ("order_no", "amount", "currency", "account", "kind", "fee", "day", "booked")
_MONEY = ("amount", "refunded", "fee")
_WHOLE = re.compile(r"(TINYINT|SMALLINT|INTEGER|BIGINT)\Z")
_STATES: dict[str, OrderState] = {
    **{state.value: state for state in OrderState},
    **{state.name.lower(): OrderState.UNPAID for state in NO_MONEY},
    **{state.name.lower(): OrderState.OPEN for state in (PaymentState.RECEIVED, PaymentState.PROCESSING)},
    PaymentState.UNKNOWN.name.lower(): OrderState.OPEN,
    PaymentState.SUCCEEDED.name.lower(): OrderState.PAID,
}
"""What a merchant's word for a status means, in small letters, unless the user says otherwise."""


def pairs_of(option: str, text: str, keys: Iterable[str] = (), values: Iterable[str] = ()) -> dict[str, str]:
    """Return ``a=b,c=d`` as a mapping. ``keys``, ``values``: those that are known; any are good if empty.

    Raises ``UsageError``, which names ``option``.
    """
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = (part.strip() for part in pair.partition("="))
        for word, known in ((key, tuple(keys)), (value, tuple(values))):
            if known and word not in known:
                raise UsageError(
                    f"{option} {pair}: {word!r} is not known.{did_you_mean(word, known)}\n"
                    f"  expected: one of {', '.join(known)}"
                )
        if not equals or not key or not value or key in found:
            raise UsageError(f"{option} {pair}: expected NAME=WORD, each name once, with commas between")
        found[key] = value
    return found


class UnknownColumn(UsageError):
    """The user names a column that a table does not have."""

    def __init__(self, column: str, name: str, there: Iterable[str]) -> None:
        """``name``: the field that it was to hold; ``there``: the table's columns."""
        known = list(there)
        self.problem = f"there is no column {column!r} for {name}.{did_you_mean(column, known)}"
        self.expected = f"one of {', '.join(known) or 'its columns, and it has none'}"
        super().__init__(f"{self.problem}\n  expected: {self.expected}")


class FeeRule(NamedTuple):
    """The fee that is expected of an order: a share of its amount, rounded half up, and a fixed part."""

    millionths: int
    fixed_minor: int

    @classmethod
    def parsed(cls, text: str) -> FeeRule:
        """Read ``1.5%``, ``25`` or ``1.5%+25`` (minor units). Raises ``UsageError``."""
        match = re.fullmatch(
            r"(?:(\d{1,2})(?:\.(\d{1,4}))?%)?(?:(?:(?<=%)\+|(?<!%))(\d{1,15}))?", text.replace(" ", "")
        )
        if match is None or not text.strip():
            raise UsageError(f"--fee {text}: expected a share, minor units, or both, such as 1.5%, 25 or 1.5%+25")
        return cls(int(match[1] or 0) * 10_000 + int((match[2] or "").ljust(4, "0")), int(match[3] or 0))

    def sql(self, amount: str) -> str:
        share = f"(({amount})::HUGEINT * {self.millionths} + 500000) // 1000000"
        return f"({share} + {self.fixed_minor})::BIGINT"


@dataclass(frozen=True, slots=True)
class TableForm:
    """How the columns of a table are read."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Field -> column, for columns that are not called as their field."""
    money: Literal["minor", "major"] = "minor"
    currency: str = ""
    """The currency where no column says it."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Of orders: a status' word -> ``OrderState``; of statements: a kind's word -> one of ``KINDS``."""
    fee: FeeRule | None = None
    zone: tzinfo = UTC
    """In which a day is a day."""

    def column_of(self, name: str, there: Mapping[str, str]) -> str | None:
        """Return the column that holds a field; ``None``: none does. Raises ``UnknownColumn``.

        ``there``: the table's columns with their types.
        """
        if name in self.columns:
            column = self.columns[name]
            if column in there:
                return column
            raise UnknownColumn(column, name, there)
        if name in _MONEY and f"{name}_minor" in there:
            return f"{name}_minor"
        return name if name in there else None

    def money_sql(self, column: str, kind: str, currency: str, places: Mapping[str, int]) -> str:
        """Return minor units, null for what is none. ``kind``: the column's type. ``places``: of each currency."""
        minor = self.money == "minor" or column.endswith("_minor")
        if minor and _WHOLE.match(kind):
            value = f"{quoted(column)}::BIGINT"
            return f"CASE WHEN {value} >= 0 THEN {value} END"
        text = _text(column)
        if minor:
            return f"CASE WHEN regexp_full_match({text}, '\\+?[0-9]{{1,19}}') THEN TRY_CAST({text} AS BIGINT) END"
        cases = " ".join(f"WHEN {text_literal(code)} THEN {digits}" for code, digits in places.items())
        digits = f"CASE {currency} {cases} END" if cases else "2"
        whole = f"regexp_extract({text}, '^\\+?([0-9]+)', 1)"
        fraction = f"rtrim(regexp_extract({text}, '\\.([0-9]+)$', 1), '0')"
        return (
            f"CASE WHEN regexp_full_match({text}, '\\+?[0-9]{{1,19}}(\\.[0-9]+)?') AND length({fraction}) <= {digits} "
            f"THEN TRY_CAST({whole} || rpad({fraction}, {digits}, '0') AS BIGINT) END"
        )

    def day_sql(self, column: str, kind: str) -> str:
        """Return the day of a date or an instant in the zone, null for what is neither. Without a zone of its own an
        instant is in this one. ``kind``: the column's type.
        """
        if kind == "DATE":
            return quoted(column)
        text = _text(column)
        zoned = f"regexp_matches({text}, '[0-9]:[0-9]{{2}}.*(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
        instant = local_day(f"TRY_CAST({text} AS TIMESTAMPTZ)", self.zone)
        return f"CASE WHEN {zoned} THEN {instant} ELSE TRY_CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE) END"

    def state_sql(self, column: str) -> str:
        """Return the place in ``ORDER_STATES`` of a merchant's word, null for a word that is not known."""
        said = {word.lower(): OrderState(state) for word, state in self.words.items()}
        cases = " ".join(
            f"WHEN {text_literal(word)} THEN {ORDER_STATES.index(state)}" for word, state in {**_STATES, **said}.items()
        )
        return f"CASE lower({_text(column)}) {cases} END::TINYINT"

    def kind_sql(self, column: str) -> str:
        """Return the kind of a line: the user's reading of the word, or the word."""
        text = _text(column)
        cases = " ".join(f"WHEN {text_literal(w)} THEN {text_literal(kind)}" for w, kind in self.words.items())
        return f"CASE {text} {cases} ELSE {text} END" if cases else text

    def currency_sql(self, column: str | None) -> str:
        return text_literal(self.currency) if column is None else f"upper({_text(column)})"


def places_of(codes: Sequence[str]) -> dict[str, int]:
    """Return the decimal places of currencies; one that is no code is left out."""
    found = {}
    for code in codes:
        try:
            found[code] = exponent_of(code)
        except ValueError:
            continue
    return found


def local_day(instant: str, zone: tzinfo) -> str:
    """Return the SQL of the day of an instant (``TIMESTAMPTZ``) in a zone."""
    if isinstance(zone, ZoneInfo):
        return f"CAST(timezone({text_literal(zone.key)}, {instant}) AS DATE)"
    offset = zone.utcoffset(datetime(2000, 1, 1))
    seconds = 0 if offset is None else int(offset.total_seconds())
    return f"CAST(timezone('UTC', {instant}) + INTERVAL ({seconds}) SECOND AS DATE)"


def quoted(name: str) -> str:
    """Return a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: object) -> str:
    """Return a text for SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def _text(column: str) -> str:
    return f"coalesce(trim(CAST({quoted(column)} AS VARCHAR)), '')"
