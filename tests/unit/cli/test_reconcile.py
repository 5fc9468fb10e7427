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
    assert code == 1 and out.startswith("1 differences among 2 order numbers.")
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
    ],
)
def test_wrong_use(sides: tuple[Path, Path], more: tuple[str, ...], code: int, said: str) -> None:
    found, out = run(*sides, *MAPPED, *more)
    assert found == code and said in out
