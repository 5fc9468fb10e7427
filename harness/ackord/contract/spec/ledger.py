"""Define a provider's ledger: how its pages are requested, and where a row holds the facts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..base.field_types import StrictModel, field_problem
from .paging import CountedPaging, check_next_page
from .places import RowPlace, RowsPlace, SelectorField, check_row_places
from .requests import RequestSpec

__all__ = [
    "LedgerExtract",
    "LedgerSpec",
    "MovementKinds",
    "Shared",
    "can_show_returns",
    "check_shared",
    "refund_kind_of",
]

MovementKinds = dict[str, Literal["payout", "return", "refund", "neither"]]
Shared = Annotated[
    bool,
    Field(
        description="Whether others move money that this ledger shows, too, such as other users of a shared sandbox. "
        "`false`: a payout that appears during `certify`, under a number that no order of the run has, is a finding."
    ),
]


class LedgerExtract(StrictModel):
    """Where the facts stand in a row of the ledger: `$.id`, or `/row/id` where `rows` is `/list/row` (XML)."""

    movement_id: RowPlace | None = Field(
        default=None,
        description="The movement's own identifier, not the order's: where two rows have the same one, or a row has "
        "none, the ledger cannot be read, because movements could not be counted. Left out, where rows have none: each "
        "row is a movement, and the ledger must come on one page.",
    )
    order_no: RowPlace | None = Field(
        default=None, description="The merchant's order number; may be absent in a row that belongs to no order."
    )
    provider_id: RowPlace | None = Field(
        default=None,
        description="The provider's identifier of the order, where a ledger does not name the merchant's number. "
        "Movements of identifiers that the run never saw are left out.",
    )
    refund_no: RowPlace | None = Field(
        default=None, description="The number of the refund that a movement belongs to, in rows that are refunds."
    )
    account: RowPlace | None = Field(
        default=None, description="The account's identifier at the provider; left out: the account that asks."
    )
    amount_minor: RowPlace | None = Field(default=None, description="The amount, a whole number of minor units.")
    amount_major: RowPlace | None = Field(
        default=None, description='The amount in major units, as text or as a number ("19.99").'
    )
    currency: RowPlace | None = Field(
        default=None, description="The currency of the amount, an ISO 4217 code; left out: it is not judged."
    )
    kind: RowPlace | None = Field(
        default=None, description="The kind of movement (see `kinds`); left out: every row is a payout."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.amount_minor is None) == (self.amount_major is None):
            raise field_problem("amount_minor", "a row needs one amount", expected="amount_minor or amount_major")
        return self


class LedgerSpec(StrictModel):
    """Reading movements of money: the oracle of "one movement an order". Without it, that cannot be judged."""

    account: str | None = Field(default=None, description="The account that asks; by default the owner.")
    request: RequestSpec = Field(
        description="What is sent for one page; `${cursor}` is where it begins. With `${order_no}`, `${order_no.uuid}` "
        "or `${provider_id}` in it, the ledger is read for each order of a run, one after the other."
    )
    rows: RowsPlace = Field(
        description="The list of movements in an answer: `$.data`, or all elements of a name in XML, "
        "`/Document/Stmt/Ntry`."
    )
    next: SelectorField | None = Field(
        default=None,
        description="The cursor of the next page, which may be a part of a link; absent, null or empty on the last. "
        "Left out: there is one page, unless `next_row` or `counted` is given.",
    )
    next_row: RowPlace | None = Field(
        default=None,
        description="Where the next page begins, taken from the last row of this one (`$.id`); a page without rows is "
        "the last.",
    )
    counted: CountedPaging | None = Field(
        default=None, description="Pages are counted: the next one begins at a number that no answer tells."
    )
    extract: LedgerExtract = Field(description="Where the facts stand in a row.")
    kinds: MovementKinds = Field(
        default={"payout": "payout", "return": "return", "refund": "refund"},
        description="The provider's kinds of movement: money left (`payout`), came back (`return`), was given back on "
        "request (`refund`), or `neither`. A kind that is not here makes the page unreadable.",
    )
    sign: Literal["plain", "negative_out"] = Field(
        default="plain",
        description="`plain`: no amount is negative; a page with one is unreadable. `negative_out`: what left is "
        "negative, what came back is not. The sign tells the kind then, where `kinds` does not.",
    )

    shared: Shared = True

    @property
    def shows_returns(self) -> bool:
        """Whether it has a kind, or a sign, for money that came back."""
        by_sign = self.extract.kind is None and self.sign == "negative_out"
        return by_sign or can_show_returns(self.extract, self.kinds)

    @property
    def refund_kind(self) -> str:
        """The kind of movement by which it shows refunds; empty: it does not show them."""
        return refund_kind_of(self.extract.kind is not None, self.kinds, self.shows_returns)

    @property
    def by_order(self) -> bool:
        """Whether one order's movements are asked for at a time."""
        return any(self.request.speaks_of(name) for name in ("order_no", "order_no.uuid", "provider_id"))

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        if self.extract.order_no is None and self.extract.provider_id is None and not self.by_order:
            raise field_problem("extract", "a row must say whose it is", expected="order_no or provider_id")
        check_row_places(self.rows, "extract", {n: getattr(self.extract, n) for n in LedgerExtract.model_fields})
        check_row_places(self.rows, "next_row", {"next_row": self.next_row})
        check_shared(shared=self.shared, by_order=self.by_order)
        if self.extract.movement_id is None and (self.next or self.next_row or self.counted):
            raise field_problem(
                "extract", "rows without an identifier may stand on two pages", expected="movement_id, or one page"
            )
        check_next_page(self.request, next=self.next, next_row=self.next_row, counted=self.counted)
        return self


def can_show_returns(extract: LedgerExtract, kinds: MovementKinds) -> bool:
    """Return whether rows have a kind for money that came back."""
    return extract.kind is not None and "return" in kinds.values()


def refund_kind_of(shows_kinds: bool, kinds: MovementKinds, shows_returns: bool) -> str:
    """Return the kind of movement by which rows show refunds: ``refund``, or ``return`` where money that comes back has
    that kind alone; empty if rows show neither.
    """
    if shows_kinds and "refund" in kinds.values():
        return "refund"
    return "return" if shows_returns else ""


def check_shared(*, shared: bool, by_order: bool) -> None:
    """Raise a field's problem for a ledger that would show whether others pay, if it were one of all orders."""
    if not shared and by_order:
        problem = "a ledger by order shows no order that nobody submitted"
        raise field_problem("shared", problem, expected="a ledger of all orders, or no shared: false")
