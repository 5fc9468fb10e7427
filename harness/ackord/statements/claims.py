"""Reads what a statement says about itself, and checks the lines that came by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..contract.base.body_parsing import UnreadableBody, shortened, text_of
from ..contract.base.json_path import MISSING
from ..contract.base.patterns import compile_pattern
from ..contract.body.selectors import compile_selector
from ..contract.spec.model import Contract
from ..contract.spec.places import as_selector
from ..contract.spec.statement import StatementSpec
from ..contract.spec.statement_checks import TotalPattern, TotalPlace
from ..core.statement_totals import contradictions
from .line_reader import AmountCells
from .lines import PartitionSums

__all__ = ["Claims", "check_claims", "totals_of"]

_COUNTS = ("rows", "rows_out", "rows_in")


class Claims:
    """Where one contract's statements say what they add up to, and how many pages there are."""

    def __init__(self, statement: StatementSpec, contract: Contract) -> None:
        self._statement, self._currency = statement, contract.currency
        self._amounts = AmountCells(statement, contract)
        self._delimiter = statement.csv.delimiter if statement.csv is not None else ","

    def in_document(self, document: Any, headers: Mapping[str, str]) -> dict[str, int]:
        """Return the totals that the answer of a page states. Raises ``UnreadableBody``."""
        return {
            name: self._number(name, self._at(place, document, headers))
            for name, place in self._statement.totals.items()
        }

    def in_table(self, around: Sequence[Sequence[str]]) -> dict[str, int]:
        """Return the totals in the rows above and below a table's movements. Raises ``UnreadableBody``."""
        return {name: self._number(name, self._near(place, around)) for name, place in self._statement.totals.items()}

    def pages_in_document(self, document: Any, headers: Mapping[str, str]) -> int | None:
        """Return how many pages there are, as an answer says; ``None`` if the contract names no place."""
        place = self._statement.page_count
        return None if place is None else self._number("page_count", self._at(place, document, headers))

    def pages_in_table(self, around: Sequence[Sequence[str]]) -> int | None:
        """Return the same from the rows around a table's movements."""
        place = self._statement.page_count
        return None if place is None else self._number("page_count", self._near(place, around))

    def _at(self, place: Any, document: Any, headers: Mapping[str, str]) -> Any:
        return compile_selector(as_selector(place))(document, headers, MISSING)

    def _near(self, place: TotalPlace, around: Sequence[Sequence[str]]) -> str:
        if isinstance(place, TotalPattern):
            search = compile_pattern(place.regex)
            for cells in around:
                if match := search(self._delimiter.join(cells)):
                    return str(match[1] if match.re.groups else match[0])
            raise UnreadableBody(f"no row above or below the movements meets {shortened(place.regex)!r}")
        assert isinstance(place, str)  # the model sees to it
        for cells, below in pairwise(around):
            if place in cells and cells.index(place) < len(below):
                return below[cells.index(place)]
        raise UnreadableBody(
            f"no cell above or below the movements is called {shortened(place)!r} and has one under it"
        )

    def _number(self, name: str, value: Any) -> int:
        what = f"the total {name}"
        if name in (*_COUNTS, "page_count"):
            text = text_of(value, what)
            if text is None or not text.isdecimal() or not text.isascii() or len(text) > 12:
                raise UnreadableBody(f"{what} is no count: {shortened(repr(value))}")
            return int(text)
        found = self._amounts.read(value, self._currency, what)
        if found is None:
            raise UnreadableBody(f"{what} is missing")
        return found


def check_claims(claims: Mapping[str, int], sums: Sequence[PartitionSums]) -> None:
    """Raise ``UnreadableBody`` if lines that add up to ``sums`` are not what ``claims`` say of them."""
    if any(name not in _COUNTS for name in claims) and len({found.currency for found in sums}) > 1:
        raise UnreadableBody("the lines are in several currencies, and the totals in none of them")

    found = totals_of(sums)
    wrong = contradictions(claims, found)
    if wrong:
        raise UnreadableBody(f"its totals contradict its lines (in minor units): {'; '.join(wrong)}")


def totals_of(sums: Sequence[PartitionSums]) -> dict[str, int]:
    """Return what lines add up to, by the names of totals."""

    def of(direction: str | None, field: str) -> int:
        return sum(getattr(one, field) for one in sums if direction is None or one.direction == direction)

    found = {
        "rows": of(None, "rows"), "rows_out": of("out", "rows"), "rows_in": of("in", "rows"),
        "amount": of(None, "amount_minor"), "amount_out": of("out", "amount_minor"),
        "amount_in": of("in", "amount_minor"), "fee": of(None, "fee_minor"),
    }  # fmt: skip
    found["net"] = found["amount_in"] - found["amount_out"]
    return found
