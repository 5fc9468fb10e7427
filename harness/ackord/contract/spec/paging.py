"""Define paging: the response gives the next page's start, its last row gives it, or the client counts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from ..base.field_types import StrictModel, field_problem
from .requests import RequestSpec

__all__ = ["PAGE", "CountedPaging", "check_next_page", "page_start"]

PAGE = 100
"""Movements on a page of an emulator's."""


class CountedPaging(StrictModel):
    """Pages that the client counts; the first page without rows is the end.

    If rows are added or removed while a list is read, other rows move to another page. A movement on two pages shows
    this: the list is then read again from its beginning, and if it never stays stable it proves nothing. A removed row
    can also move another one out of sight unnoticed. That may hide a second payout, and never invents one. If the API
    can sort, ask for the oldest first: new rows then stand at the end and move nothing.
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
    """Return where the page begins that an emulator is asked for.

    It begins after a movement, with a number of further movements skipped. Raises ``ValueError``.
    """
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16):
        raise ValueError(f"there is no page that begins at {cursor}")
    if counted is None:
        return int(cursor or 0), 0
    return 0, counted.rows_before(counted.number(cursor or None), PAGE)


def check_next_page(request: RequestSpec, **ways: object) -> str:
    """Return the field name of the one of ``ways`` that finds the next page; empty: there is one page.

    Raises for two, and for a count that no request uses.
    """
    given = [name for name, way in ways.items() if way is not None]
    if len(given) > 1:
        raise field_problem(given[1], f"the next page is found by {given[0]} already", expected="one of them")
    if given == ["counted"] and not request.speaks_of("cursor"):
        raise field_problem("counted", "the request does not say which page it wants", expected="${cursor} in it")
    return "".join(given)
