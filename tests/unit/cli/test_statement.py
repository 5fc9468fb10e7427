"""``ackord statement`` pulls, verifies and shows, and says in its exit code what became of it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from ackord.cli import app
from tests.statement_provider import Book, StatementProvider
from tests.unit.statements.support import CSV, loaded


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout


def test_pull_and_show(tmp_path: Path) -> None:
    contract = loaded(tmp_path, CSV)
    pull = ["statement", "pull", contract.path, "--date", "2026-11-28", "--store", tmp_path / "s"]
    with StatementProvider(contract, Book(4, late=1)) as provider:
        assert run(*pull, "--target", provider.url) == (0, "")
        provider.book = Book(4)
        code, out = run(*pull, "--target", provider.url)
        assert (code, out) == (0, "main/2026-11-28/all: version 2: 1 lines came, 0 are gone\n")
        code, out = run(*pull, "--target", provider.url, "--verify", "--json")
        assert code == 0 and json.loads(out)["partitions"][0]["state"] == "unchanged"
    code, out = run("statement", "show", tmp_path / "s")
    assert code == 0 and "main     2026-11-28  all        2" in out
    assert json.loads(run("statement", "show", tmp_path / "s", "--json")[1])["totals"][0]["account"] == "main"
    store = next((tmp_path / "s" / "lines").rglob("*-v2.parquet"))
    store.write_bytes(b"")
    with StatementProvider(contract, Book(4)) as provider:
        assert run(*pull, "--target", provider.url, "--verify")[0] == 1
