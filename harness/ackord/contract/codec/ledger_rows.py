"""Read movements of money from the rows of a ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..base.body_parsing import UnreadableBody, currency_code, shortened, text_of
from ..base.http_messages import HttpResponse
from ..base.json_path import MISSING, JsonGetter
from ..body.selectors import compile_selector
from ..spec.model import Contract
from ..spec.paging import CountedPaging
from ..spec.places import SelectorField, as_selector, form_of_rows

__all__ = [
    "AmountReader",
    "LedgerPage",
    "LedgerRow",
    "RowPages",
    "RowReader",
    "named_rows",
    "rows_repeated",
    "signed_amount",
]


class LedgerRow(NamedTuple):
    """One movement of money."""

    movement_id: str
    order_no: str
    """Empty for a movement that belongs to no order."""
    account: str
    """The contract's name of the account, or the provider's identifier if the contract does not know the account; empty
    if the row does not say whose it is.
    """
    amount_minor: int
    kind: str
    """``payout``, ``return`` or ``refund``."""
    at_s: int | None = None
    """When the money moved, in seconds since 1970, where the contract says how that is written."""
    currency: str = ""
    """Empty where the contract does not say where it stands."""
    refund_no: str = ""
    """The number of the refund that it belongs to; empty for other movements, and where nothing says it."""


class LedgerPage(NamedTuple):
    """One page of movements. With a ``problem`` it could not be read, and it proves nothing."""

    rows: tuple[LedgerRow, ...]
    next_cursor: str | None
    """``None``: this was the last page."""
    problem: str = ""
    ids: frozenset[str] = frozenset()
    """Of all rows, including those left out, where pages are counted.

    The same value on two pages means that rows have moved.
    """


def rows_repeated(before: tuple[LedgerRow, ...], rows: tuple[LedgerRow, ...]) -> int:
    """Return how many rows that ended the page ``before`` begin this one again, as a cursor that includes its row gives
    them.
    """
    for n in range(min(len(before), len(rows)), 0, -1):
        if before[-n:] == rows[:n]:
            return n
    return 0


class RowPages:
    """Answers with a list of rows, in JSON or XML, and where the next list begins."""

    def __init__(
        self,
        rows: str,
        following: SelectorField | None,
        next_row: str | None,
        counted: CountedPaging | None,
        charset: str = "",
    ) -> None:
        """``following``: place of the next page's cursor. ``next_row``: its place in the last row, if it is there."""
        self.counted = counted
        self.form = form_of_rows(rows).in_charset(charset)
        """How the answers are encoded."""
        self._rows = self.form.rows_getter(rows)
        self._next = None if following is None else compile_selector(as_selector(following))
        self._next_row = None if next_row is None else self.form.row_getter(next_row, rows)

    def asked(self, cursor: str | None) -> int | str | None:
        """Return the value of ``${cursor}`` in the request for a page; ``None`` is the first page.

        Raises ``ValueError`` if pages are counted and ``cursor`` is not a number.
        """
        return cursor if self.counted is None else self.counted.number(cursor)

    def read(self, answer: HttpResponse, cursor: str | None) -> tuple[list[Any], str | None]:
        """Return the rows and the next cursor of the page requested with ``cursor``. Raises ``UnreadableBody``."""
        document = self.form.read(answer)
        rows = self._rows(document)
        if type(rows) is not list:
            raise UnreadableBody(f"{answer.status}, the list of movements is missing")
        following = MISSING if self._next is None else self._next(document, answer.headers, MISSING)
        if self._next_row is not None and rows:
            following = self._next_row(rows[-1])
        if self.counted is not None and rows:
            try:
                following = self.counted.following(self.counted.number(cursor), len(rows))
            except ValueError:
                raise UnreadableBody(f"the page that was asked for has no number: {shortened(str(cursor))}") from None
        return rows, text_of(following, "the next page's cursor")


class AmountReader(NamedTuple):
    minor: int | None
    """``None``: there is none."""
    kind: str = ""
    """``payout`` or ``return``, where the amount itself tells it."""


def signed_amount(minor: int | None, sign: str) -> AmountReader:
    """Return an amount as it stands in a row, with what its sign tells (``plain`` or ``negative_out``).

    Raises ``UnreadableBody``.
    """
    if minor is None or (sign == "plain" and minor >= 0):
        return AmountReader(minor)
    if sign == "plain":
        raise UnreadableBody("a movement's amount is negative (where what left is negative: sign: negative_out)")
    return AmountReader(abs(minor), "payout" if minor < 0 else "return")


class RowReader:
    """From a row, whatever it is, to the movement in it."""

    def __init__(
        self,
        places: Mapping[str, JsonGetter],
        amount_of: Callable[[Any], AmountReader],
        kinds: Mapping[str, str],
        contract: Contract,
    ) -> None:
        """``places``: by the names of facts. ``amount_of`` may raise ``UnreadableBody``."""
        self._places = places
        self._amount_of = amount_of
        self._kinds = kinds
        self._names = {account.id or name: name for name, account in contract.accounts.items()}
        self._merchants = (contract.owner, contract.other_account)

    def read_page(
        self, rows: Sequence[Any], cursor: str | None, asked_by: str, numbers: Mapping[str, str], *, counted: bool
    ) -> LedgerPage:
        """Read the movements in rows that ``asked_by`` requested.

        Raises ``UnreadableBody``, also for two with one identifier.

        ``numbers``: order numbers by the provider's identifiers.
        """
        found = (read for row in rows if (read := self._read(row, asked_by, numbers)) is not None)
        movements = tuple(named_rows(found, Counter()))
        if len({m.movement_id for m in movements}) < len(movements):
            twice, _ = Counter(m.movement_id for m in movements).most_common(1)[0]
            raise UnreadableBody(
                f"two rows have one identifier, {shortened(twice)}, so movements cannot be counted (check "
                "extract.movement_id: if it is the order's, leave it out, and each row is a movement)"
            )
        ids = frozenset(self._id(row) for row in rows) if counted else frozenset()
        return LedgerPage(movements, cursor, ids=ids)

    def _id(self, row: Any) -> str:
        found = self._text(row, "movement_id", "a movement's id")
        if found is None:
            raise UnreadableBody("a movement has no identifier, so movements cannot be counted")
        return found

    def _read(self, row: Any, asked_by: str, numbers: Mapping[str, str]) -> LedgerRow | None:
        """``None`` for a movement that is neither a payout, a return nor a refund."""
        movement_id = self._id(row) if "movement_id" in self._places else ""
        kind = ""
        if "kind" in self._places:
            word = self._text(row, "kind", "a movement's kind")
            if word is None or word not in self._kinds:
                raise UnreadableBody(f"the movement {movement_id} is of the unknown kind {word!r}")
            if (kind := self._kinds[word]) == "neither":
                return None
        amount = self._amount_of(row)
        if amount.minor is None:
            raise UnreadableBody(f"the movement {movement_id} has no amount")
        if kind and amount.kind and amount.kind != ("return" if kind == "refund" else kind):
            raise UnreadableBody(
                f"the movement {movement_id} is a {kind} by its kind and a {amount.kind} by its amount"
            )
        # Whose movements an operator is shown is not known where no place says it.
        account = asked_by if asked_by in self._merchants else ""
        if "account" in self._places:
            found = self._text(row, "account", "a movement's account")
            if found is None:
                raise UnreadableBody(f"the movement {movement_id} has no account")
            account = self._names.get(found, found)
        currency = ""
        if "currency" in self._places:
            currency = currency_code(self._places["currency"](row), f"the currency of the movement {movement_id}") or ""
        number = self._number(row, numbers)
        refund_no = self._text(row, "refund_no", "a refund's number") or ""
        return LedgerRow(
            movement_id, number, account, amount.minor, kind or amount.kind or "payout", None, currency, refund_no
        )

    def _number(self, row: Any, numbers: Mapping[str, str]) -> str:
        number = self._text(row, "order_no", "a movement's order number")
        if number is None:
            number = numbers.get(self._text(row, "provider_id", "a movement's order") or "")
        return number or ""

    def _text(self, row: Any, name: str, what: str) -> str | None:
        get = self._places.get(name)
        return None if get is None else text_of(get(row), what)


def named_rows(rows: Iterable[LedgerRow], met: Counter[str]) -> list[LedgerRow]:
    """Return rows with an identifier each: one that has none gets what it says, and how often a row has said so before.

    Two equal rows are two movements, and a later reading of a list that has grown gives the same names. ``met``: what
    was said so far, in all pages and parts of one reading; it is added to.
    """
    named = []
    for row in rows:
        if not row.movement_id:
            whose = row.order_no or "no order"
            of = f" of {row.refund_no}" if row.refund_no else ""
            at = "" if row.at_s is None else f" at {row.at_s}"
            said = f"{whose} {row.kind} {row.amount_minor}{row.currency}{of}{at}"
            met[said] += 1
            row = row._replace(movement_id=f"{said} #{met[said]}")
        named.append(row)
    return named
