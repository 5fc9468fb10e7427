"""Defines which amounts a run may submit: from a least to a largest one, in steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["AmountRange"]


@dataclass(frozen=True, slots=True)
class AmountRange:
    """The multiples of ``step`` from ``least`` to ``largest``, all in minor units.

    Raises ``ValueError`` for a range with fewer than two amounts: no payload could differ from another in its amount.
    """

    least: int = 1
    largest: int = 10**12
    step: int = 1
    avoided: frozenset[int] = frozenset()
    """Amounts of the range that are not chosen, because they mean something of their own to the provider."""

    def __post_init__(self) -> None:
        if self.count < 2:
            raise ValueError(
                f"{'one amount' if self.count == 1 else 'no amount'} from {self.least} to {self.largest} is a multiple "
                f"of {self.step}, and a run needs two, to submit one number with another amount"
            )

    @property
    def first(self) -> int:
        return -(-self.least // self.step) * self.step

    @property
    def count(self) -> int:
        """Return how many amounts there are."""
        return max(0, (self.largest - self.first) // self.step + 1)

    def __contains__(self, amount: int) -> bool:
        return self.least <= amount <= self.largest and amount % self.step == 0

    def at(self, index: int) -> int:
        """Return the amount with this index, from 0; indices beyond the last begin again, and an amount that is avoided
        gives way to the next one.
        """
        for further in range(len(self.avoided) + 1):
            amount = self.first + (index + further) % self.count * self.step
            if amount not in self.avoided:
                break
        return amount

    def avoiding(self, amounts: frozenset[int]) -> AmountRange:
        """Return this range without some amounts; as it is, if fewer than two others would be left."""
        avoided = frozenset(amount for amount in amounts if amount in self)
        return replace(self, avoided=avoided) if self.count - len(avoided) >= 2 else self

    def fit(self, amount: int) -> int:
        """Return ``amount`` if it is in the range, else one that is, always the same."""
        return amount if amount in self and amount not in self.avoided else self.at(amount)

    def other(self, amount: int, by: int) -> int:
        """Return another amount of the range: ``amount + by``, rounded up to a step, if the range reaches so far."""
        index = (amount - self.first) // self.step
        steps = 1 + (-(-by // self.step) - 1) % (self.count - 1)
        found = self.at(index + steps)
        return found if found != amount else self.at(index + steps + 1)

    def __str__(self) -> str:
        steps = "" if self.step == 1 else f" in steps of {self.step}"
        return f"{self.least} to {self.largest}{steps}"
