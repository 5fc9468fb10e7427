"""``ackord reconcile`` says in its exit code whether orders and statement agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ackord.cli import app
from ackord.errors import AckordError


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["reconcile", *map(str, arguments)])
    if isinstance(result.exception, AckordError):
        return result.exception.exit_code, str(result.exception)
    return result.exit_code, result.stdout


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "o.csv").write_text("Nr;Betrag;Stand\nA;1.00;ok\nB;2.00;ok\n")
    (tmp_path / "s.csv").write_text("order_no,amount,currency,fee\nA,100,EUR,2\n")
    return tmp_path / "o.csv", tmp_path / "s.csv"


MAPPED = (
    "--order-columns", "order_no=Nr,amount=Betrag,status=Stand", "--order-money", "major", "--order-currency", "eur",
    "--order-statuses", "ok=paid",
)  # fmt: skip


def test_differences_and_their_files(sides: tuple[Path, Path], tmp_path: Path) -> None:
    code, out = run(*sides, *MAPPED, "--out", tmp_path / "out")
    assert code == 1 and out.startswith("1 difference among 2 order numbers.")
    assert (tmp_path / "out/report.html").exists() and (tmp_path / "out/missing.csv").exists()
    code, out = run(*sides, *MAPPED, "--json", "--fee", "2%")
    found = json.loads(out)
    assert (code, found["classes"]["missing"], found["classes"]["matched"]) == (1, 1, 1)
    code, out = run(*sides, *MAPPED, "--json", "--fee", "1%+2")
    assert json.loads(out)["classes"]["fee_differs"] == 1


def test_agreement(sides: tuple[Path, Path]) -> None:
    sides[1].write_text("order_no,amount,currency\nA,100,EUR\nB,200,EUR\n")
    assert run(*sides, *MAPPED)[0] == 0


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--order-columns", "order_no=Nr,amount=Btrag"), 2, "there is no column 'Btrag' for amount"),
        (("--engine", "oracle"), 2, "expected duckdb"),
        (("--to", "2026-11-28"), 2, "expected --date, too"),
        (("--zone", "Mars/Base"), 2, "--zone Mars/Base"),
        (("--accounts", "@none.txt"), 2, "the accounts cannot be read"),
        (("--order-statuses", "ok=fine"), 2, "'fine' is not known"),
        (("--date", "2026-11-28"), 2, "neither the orders nor the statement says of which day a row is"),
    ],
)
def test_wrong_use(sides: tuple[Path, Path], more: tuple[str, ...], code: int, said: str) -> None:
    found, out = run(*sides, *MAPPED, *more)
    assert found == code and said in out


def test_a_column_that_is_not_there_is_told_in_lines_of_their_own(sides: tuple[Path, Path]) -> None:
    found = run(*sides, *MAPPED, "--order-columns", "order_no=Nr,amount=Btrag")[1]
    assert found.splitlines()[1:] == ["  expected: one of Nr, Betrag, Stand", "  mend: say it with --order-columns"]


def test_a_file_does_not_agree_with_itself(sides: tuple[Path, Path]) -> None:
    code, said = run(sides[1], sides[1])
    assert code == 2 and "the same file, which always agrees with itself" in said
    both = sides[1].with_name("both.csv")
    both.write_text("order_no,amount,paid,currency\nA,100,90,EUR\n")
    assert run(both, both, "--statement-columns", "amount=paid")[0] == 1  # one export of both sides


def test_a_day_can_be_asked_for_where_one_side_says_days(sides: tuple[Path, Path]) -> None:
    sides[1].write_text("order_no,amount,currency,day\nA,100,EUR,2026-11-28\nB,200,EUR,2026-11-28\n")
    assert run(*sides, *MAPPED, "--date", "2026-11-28")[0] == 0


def test_lines_of_an_unknown_kind_are_told(sides: tuple[Path, Path]) -> None:
    head = "order_no,amount,currency,kind\n"
    sides[1].write_text(head + "A,100,EUR,payout\nB,200,EUR,payout\nB,200,EUR,Auszahlung\n")
    code, out = run(*sides, *MAPPED)
    assert code == 0 and "not compared: 1 line of the kind Auszahlung, 2.00 EUR\n" in out
    assert "--statement-kinds WORD=payout" in out
    code, out = run(*sides, *MAPPED, "--statement-kinds", "Auszahlung=payout")
    assert code == 1 and "not compared" not in out


def test_a_file_that_is_not_there_is_told_before_its_kind(sides: tuple[Path, Path]) -> None:
    for name in ("none.csv", "none"):
        code, said = run(sides[0], sides[0].with_name(name), *MAPPED)
        assert code == 2 and f"{name}: there is no such file\n  expected: a CSV or Parquet file" in said
    sides[1].with_name("s.xlsx").write_text("x")
    assert "ends in .csv, .tsv, .txt, .parquet" in run(sides[0], sides[1].with_name("s.xlsx"), *MAPPED)[1]
