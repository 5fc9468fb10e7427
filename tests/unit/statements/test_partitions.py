"""A pull is planned by accounts, days and parts; windows are half-open and leave no gap."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ackord.errors import UsageError
from ackord.statements.partitions import accounts_of, days_of, partitions_of, whole_at_s

from .support import CSV, DAY_S, loaded

SLICED = CSV.replace('day: "${period.from:%Y-%m-%d}"', 'from: "${period.from.unix}", to: "${period.to.unix}"')


def test_days() -> None:
    assert days_of("2026-11-28") == [date(2026, 11, 28)]
    assert len(days_of("2026-11-28", "2026-12-02")) == 5
    for first, last in (("2026-11-31", ""), ("2026-11-28", "2026-11-27"), ("x", "")):
        with pytest.raises(UsageError, match="--"):
            days_of(first, last)


def test_accounts(tmp_path: Path) -> None:
    contract = loaded(tmp_path, CSV).contract
    (tmp_path / "a.txt").write_text("main\n# none\nacct-9\n\n")
    assert [(a.name, a.asks, a.account_id) for a in accounts_of(contract, f"@{tmp_path / 'a.txt'}")] == [
        ("main", "main", "acc_1"), ("acct-9", "main", "acct-9"),
    ]  # fmt: skip
    assert [a.name for a in accounts_of(contract, "acc_2")] == ["other"]
    with pytest.raises(UsageError, match="main stands twice"):
        accounts_of(contract, "main,main")
    unnamed = loaded(tmp_path, CSV.replace(', account: "${account.id}"', "")).contract
    with pytest.raises(UsageError, match=r"names no account mian\. Did you mean"):
        accounts_of(unnamed, "mian")


def test_partitions_are_days_in_the_statement_s_zone(tmp_path: Path) -> None:
    contract = loaded(tmp_path, CSV.replace("%Y-%m-%d}", "%Y-%m-%d|+08:00}")).contract
    one, two = partitions_of(contract, accounts_of(contract, ""), days_of("2026-11-28", "2026-11-29"))
    assert one.period.from_s == DAY_S - 8 * 3600
    assert one.period.to_s == two.period.from_s and one.windows == (one.period,)


def test_slices_follow_on_one_another(tmp_path: Path) -> None:
    contract = loaded(tmp_path, SLICED + "window: half_open\nslice: 7h\n").contract
    (one,) = partitions_of(contract, accounts_of(contract, ""), days_of("2026-11-28"))
    assert [w.to_s - w.from_s for w in one.windows] == [25_200, 25_200, 25_200, 10_800]
    assert all(a.to_s == b.from_s for a, b in zip(one.windows, one.windows[1:], strict=False))


def test_a_closed_window_ends_before_the_next_begins(tmp_path: Path) -> None:
    contract = loaded(tmp_path, SLICED + "window: closed\n").contract
    (one,) = partitions_of(contract, accounts_of(contract, ""), days_of("2026-11-28"))
    assert one.windows[0].to_s == one.period.to_s - 1


@pytest.mark.parametrize(
    ("words", "after_s"),
    [("", 86_400), ("next day 10:00 Asia/Shanghai", 86_400 + 2 * 3600), ("day +2 06:00 UTC", 2 * 86_400 + 6 * 3600),
     ("some day", 86_400)],
)  # fmt: skip
def test_when_a_statement_is_whole(tmp_path: Path, words: str, after_s: int) -> None:
    statement = loaded(tmp_path, CSV + (f"available_after: {words}\n" if words else "")).contract.statement
    assert statement is not None
    assert whole_at_s(statement, date(2026, 11, 28)) == DAY_S + after_s
