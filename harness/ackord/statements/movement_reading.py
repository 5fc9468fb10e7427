"""Reads the pages of an account's statement as movements of money, which a run counts by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ..contract.codec.ledger_rows import LedgerPage, LedgerRow, named_rows
from ..contract.spec.model import Contract
from .claims import check_claims
from .fetching import FetchedPart
from .landing import PartitionLander
from .lines import RunningSums, StatementLine
from .partitions import AskedAccount, PullPartition, accounts_of

__all__ = ["AnyAccount", "MovementReading"]

_MOVED = ("payout", "return", "refund")


class AnyAccount(AskedAccount):
    """The owner, in whose statement lines of other accounts may stand: whose they are, they say."""

    @classmethod
    def of(cls, contract: Contract) -> AnyAccount:
        """Return the owner of a contract, which has a statement."""
        owner = accounts_of(contract, "")[0]
        return cls(owner.name, owner.asks, owner.account_id)

    @property
    def words(self) -> frozenset[str]:
        return frozenset()


class MovementReading:
    """One reading of all periods and parts of the owner's statement, one after the other."""

    def __init__(self, contract: Contract, lander: PartitionLander, numbers: Mapping[str, str]) -> None:
        """``contract``: one with a statement. ``numbers``: order numbers by the provider's identifiers."""
        assert contract.statement is not None
        self._statement, self._lander, self._numbers = contract.statement, lander, numbers
        self._owner = contract.owner
        self._names = {account.id or name: name for name, account in contract.accounts.items()}
        self._says_currency = "currency" in contract.statement.columns
        self._sums = RunningSums()
        self._met, self._met_before = Counter[str](), Counter[str]()

    def begin_part(self) -> None:
        """Go on to the next period or part: what was read before stays read."""
        self._met_before = Counter(self._met)

    def page(self, part: FetchedPart, cursor: str | None, partition: PullPartition) -> LedgerPage:
        """Return the movements of the page that was asked for with ``cursor``; ``None``: the list begins (again).

        Raises ``UnreadableBody`` for a page that cannot be read, and for totals that contradict the lines.
        """
        if cursor is None:
            self._sums, self._met = RunningSums(), Counter(self._met_before)
        page = self._lander.read(part, cursor, partition)
        self._sums.add(page.lines)
        # A page may begin with the row that ended the one before, which is in the sums twice then.
        if page.totals and self._statement.next_row is None:
            check_claims(page.totals, self._sums.sums())
        ids = frozenset(filter(None, (line.line_id for line in page.lines)))
        rows = tuple(named_rows(self._movements(page.lines), self._met))
        return LedgerPage(rows, page.following, ids=ids if self._statement.counted is not None else frozenset())

    def _movements(self, lines: list[StatementLine]) -> Iterator[LedgerRow]:
        """Yield the lines that move money, without identifiers where they have none."""
        for line in lines:
            if line.kind in _MOVED:
                yield LedgerRow(
                    line.line_id or "", line.order_no or self._numbers.get(line.provider_id, ""),
                    self._names.get(line.account, line.account) or self._owner, line.amount_minor, line.kind,
                    None if line.booked_us is None else line.booked_us // 1_000_000,
                    line.currency if self._says_currency else "", line.refund_no,
                )  # fmt: skip
