"""Defines the events of a statement that was read: its lines, its pages, and each reading as a whole.

A reading goes through all pages of one or more windows of time, one after the other. Only the lines of the run's own
orders are events; what all lines of a page add up to stands with the page.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["StatedLine", "StatementPage", "StatementRead"]


class StatedLine(NamedTuple):
    """A line, as one reading found it."""

    at_ns: int
    """When its page was complete."""
    reading: int
    page: int
    """In its reading, from 1."""
    order: str
    """Empty for a line that names no order."""
    line_id: str
    """Empty where the statement gives lines no identifier."""
    amount_minor: int
    kind: str
    """``payout``, ``return`` or ``refund``."""
    currency: str = ""
    booked_us: int | None = None
    """When the money moved, as the line says, in microseconds since 1970; ``None``: it does not say."""


class StatementPage(NamedTuple):
    """A page, or a file, was read or could not be."""

    at_ns: int
    reading: int
    page: int
    """In its reading, from 1."""
    began_ns: int
    from_s: int
    """The begin of its window, in seconds since 1970."""
    to_s: int
    """The end of its window, which is left out."""
    whole: bool
    """Whether the window's statement must have been whole when this page was asked for."""
    lines: int
    """Of all orders."""
    last: bool
    """Whether it is the last of its window."""
    sums: dict[str, int]
    """What its lines add up to: counts, and minor units of one currency."""
    totals: dict[str, int]
    """What the statement says that the lines of the window add up to, in the words of ``sums``; on the last page."""
    problem: str = ""
    """Why the answer is no page."""
    part: str = ""
    """Which of the statements into which the contract splits a time; empty: it does not."""
    cursor: str = ""
    """A cursor that the statement never gave, and that the page was asked for with; empty: its own, or none."""


class StatementRead(NamedTuple):
    """A reading ended. With a ``problem`` it did not come to the end of the statement, and proves nothing."""

    at_ns: int
    reading: int
    began_ns: int
    lines: int
    """Events ``StatedLine`` of the reading."""
    account: str = ""
    """Whose statement it is."""
    problem: str = ""
    until_ns: int | None = None
    """What moved from the begin of the run until then lies in its windows; ``None``: nobody knows."""
