"""How a list goes on: where the next page begins, said by the answer, by its last row, or counted by whoever asks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from ..base.field_types import StrictModel, field_problem
from .requests import RequestSpec

__all__ = ["PAGE", "CountedPaging", "check_next_page", "page_start"]

PAGE = 100
"""Movements on a page of an emulator's."""


class CountedPaging(StrictModel):
    """Pages that the client counts; the first one without rows is the end.

    Rows that come or go while a list is read move the others. A movement that stands on two pages tells it: the list is read again from its beginning, and if
    it never keeps still it proves nothing. A row that goes away can also move another one out of sight without a sign. That may hide a second payout and never
    makes one up. Where the API can sort, ask for the oldest first: what is new then stands at the end and moves nothing.
    """

    by: Literal["row", "page"] = Field(
        description="What `${cursor}` says: how many rows come before the page (`offset`, `skip`), or which page it "
        "is (`page`)."
    )
    first: Annotated[int, Strict(), Field(ge=0, le=1)] = Field(
        default=0, description="What it is for the first page: 0 or 1."
    )

    def number(self, cursor: str | None) -> int:
        """A page's number; ``None`` is the first page. Raises ``ValueError`` for a cursor that is none."""
        return self.first if cursor is None else int(cursor)

    def following(self, number: int, rows: int) -> int:
        """What the page behind ``number`` is called, which had so many ``rows``."""
        return number + (rows if self.by == "row" else 1)

    def rows_before(self, number: int, size: int) -> int:
        """How many rows come before the page ``number`` where pages have ``size`` rows. Raises ``ValueError``."""
        if number < self.first:
            raise ValueError(f"there is no page {number}, the first is {self.first}")
        return (number - self.first) * (1 if self.by == "row" else size)


def page_start(cursor: str, counted: CountedPaging | None) -> tuple[int, int]:
    """Where the page begins that an emulator is asked for: behind which movement, and how many more are skipped. Raises ``ValueError``."""
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16):
        raise ValueError(f"there is no page that begins at {cursor}")
    if counted is None:
        return int(cursor or 0), 0
    return 0, counted.rows_before(counted.number(cursor or None), PAGE)


def check_next_page(request: RequestSpec, **ways: object) -> str:
    """Which of ``ways`` finds the next page, by its field's name; empty: there is one page. Raises for two, and for a count that is not asked by."""
    given = [name for name, way in ways.items() if way is not None]
    if len(given) > 1:
        raise field_problem(given[1], f"the next page is found by {given[0]} already", expected="one of them")
    if given == ["counted"] and not request.speaks_of("cursor"):
        raise field_problem("counted", "the request does not say which page it wants", expected="${cursor} in it")
    return "".join(given)
