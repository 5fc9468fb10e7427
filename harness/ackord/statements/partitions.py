"""Plans a pull: which accounts, days and parts make its partitions, and when a day's statement is whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from ..contract.base.periods import Period
from ..contract.base.variables import split_format
from ..contract.loading.loader import LoadedContract
from ..contract.spec.model import Contract
from ..contract.spec.statement import StatementSpec
from ..core.clock import SECOND
from ..errors import FileError, UsageError, did_you_mean
from .lines import WHOLE, PartitionKey

__all__ = ["AskedAccount", "PullPartition", "accounts_of", "days_of", "partitions_of", "statement_of", "whole_at_s"]

_MOST_DAYS = 3660
_AVAILABLE = re.compile(r"(?:(same|next) day|day \+(\d{1,2}))\s+(\d{2}):(\d{2})\s+(\S+)\Z")


@dataclass(frozen=True, slots=True)
class AskedAccount:
    """An account whose statement is pulled."""

    name: str
    """As the store calls it: the contract's name, or the provider's identifier where the contract has none."""
    asks: str
    """The account of the contract with whose credentials it is asked for."""
    account_id: str
    """The provider's identifier."""

    @property
    def words(self) -> frozenset[str]:
        """Return what a line may call it."""
        return frozenset({self.name, self.account_id})


@dataclass(frozen=True, slots=True)
class PullPartition:
    """One partition, with the windows that it is asked for in: half-open, one after the other without a gap."""

    key: PartitionKey
    account: AskedAccount
    part: str | None
    windows: tuple[Period, ...]
    period: Period
    """The whole day, its end left out."""


def statement_of(loaded: LoadedContract) -> StatementSpec:
    """Return the contract's statement. Raises ``FileError`` without one."""
    if loaded.contract.statement is None:
        raise FileError(
            loaded.path, None, "the contract has no statement", expected="statement, with its request and columns",
            mend="see docs/STATEMENTS.md",
        )  # fmt: skip
    return loaded.contract.statement


def days_of(first: str, last: str = "") -> list[date]:
    """Return all days from ``first`` to ``last``, each ``2026-11-28``. Raises ``UsageError``."""
    found = []
    for option, text in (("--date", first), ("--to", last or first)):
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            raise UsageError(f"{option} {text}: it is no day\n  expected: a day such as 2026-11-28") from None
    count = (found[1] - found[0]).days + 1
    if not 0 < count <= _MOST_DAYS:
        raise UsageError(f"--to {last}: expected --date or a later day, and {_MOST_DAYS} days at most")
    return [found[0] + timedelta(days=n) for n in range(count)]


def accounts_of(contract: Contract, asked: str) -> list[AskedAccount]:
    """Return the accounts of ``--accounts``: names or identifiers with commas between, or ``@file`` with one a line.

    Empty: the contract's owner. Raises ``UsageError`` for a file that cannot be read, an account given twice, and an
    unknown one where the request does not say whose statement it asks for.
    """
    owner, statement = contract.owner, contract.statement
    assert statement is not None  # the caller has seen to it
    if asked.startswith("@"):
        try:
            words = [line.strip() for line in Path(asked[1:]).read_text().splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise FileError(asked[1:], None, f"the accounts cannot be read: {error}") from None
        words = [word for word in words if word and not word.startswith("#")]
    else:
        words = [word.strip() for word in asked.split(",")] if asked else [owner]
    if len(set(words)) < len(words) or not all(words):
        twice = next((word for word in words if words.count(word) > 1), "an empty name")
        raise UsageError(f"--accounts: {twice} stands twice or is none\n  expected: each account once")
    by_id = {account.id: name for name, account in contract.accounts.items() if account.id}
    named = statement.request.speaks_of("account.id")
    found = []
    for word in words:
        name = word if word in contract.accounts else by_id.get(word)
        if name is not None:
            found.append(AskedAccount(name, name, contract.accounts[name].id or name))
        elif named:
            found.append(AskedAccount(word, owner, word))
        else:
            raise UsageError(
                f"--accounts: the contract names no account {word}.{did_you_mean(word, contract.accounts)}\n"
                "  expected: an account of the contract, or ${account.id} in its statement.request"
            )
    return found


def partitions_of(
    contract: Contract, accounts: Sequence[AskedAccount], days: Sequence[date]
) -> Iterator[PullPartition]:
    """Yield the partitions, day by day."""
    statement = contract.statement
    assert statement is not None
    zone, slice_s = statement.period_form().zone, None if statement.slice is None else statement.slice.ns // 10**9
    for day in days:
        period = _period(day, zone)
        windows = tuple(_slices(period, slice_s or period.to_s - period.from_s))
        if statement.window == "closed":
            windows = tuple(Period(one.from_s, one.to_s - statement.period_form().unit_s) for one in windows)
        for account in accounts:
            for part in statement.parts or (None,):
                yield PullPartition(PartitionKey(account.name, day, part or WHOLE), account, part, windows, period)


def _period(day: date, zone: tzinfo) -> Period:
    def begin(of: date) -> int:
        return int(datetime(of.year, of.month, of.day, tzinfo=zone).timestamp())

    return Period(begin(day), begin(day + timedelta(days=1)))


def _slices(period: Period, length_s: int) -> Iterator[Period]:
    for begin in range(period.from_s, period.to_s, max(1, length_s)):
        yield Period(begin, min(begin + length_s, period.to_s))


def whole_at_s(statement: StatementSpec, day: date) -> int:
    """Return when the statement of a day is whole, in seconds since 1970: at its end, or as ``available_after`` says.

    Words of ``available_after`` other than ``next day 10:00 Asia/Shanghai`` and ``day +2 06:00 +01:00`` tell nothing.
    """
    zone = statement.period_form().zone
    end_s = _period(day, zone).to_s
    if statement.whole_after_ns is not None:
        return end_s - -statement.whole_after_ns // SECOND
    match = _AVAILABLE.match(statement.available_after or "")
    if match is None:
        return end_s
    try:
        where = UTC if match[5] == "UTC" else split_format(f"|{match[5]}")[1]
        days = int(match[2]) if match[2] else int(match[1] == "next")
        on = day + timedelta(days=days)
        said_s = int(datetime(on.year, on.month, on.day, int(match[3]), int(match[4]), tzinfo=where).timestamp())
    except ValueError:
        return end_s
    return max(end_s, said_s)
