"""A pull that was killed goes on behind what it had done; one that ended begins anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.statements.run_note import RunNote
from ackord.statements.transfer import Transfer
from tests.statement_provider import Book, StatementProvider

from .support import CSV, current, key, loaded, pulled, stated


def test_what_was_done_is_noted(tmp_path: Path) -> None:
    note = RunNote(tmp_path, ["a"], 1000)
    note.add(key("a"))
    note.close(ended=False)
    with (tmp_path / "run-done").open("a") as file:
        file.write("cut of")
    again = RunNote(tmp_path, ["a"], 1001)
    assert again.has(key("a")) and not again.has(key("b"))
    again.add(key("b"))
    again.close(ended=False)
    assert RunNote(tmp_path, ["a"], 1002).has(key("b"))
    assert not RunNote(tmp_path, ["other"], 1002).has(key("a"))
    old = RunNote(tmp_path, ["other"], 9999)
    assert not old.has(key("a"))
    old.close(ended=True)
    assert not list(tmp_path.iterdir())


def test_a_killed_pull_asks_only_for_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    forgotten = 0

    def killed(self: Transfer) -> None:
        nonlocal forgotten
        forgotten += 1
        if forgotten > 2:
            raise Killed
        forget(self)

    forget = Transfer.forget
    with StatementProvider(loaded(tmp_path, CSV), Book(3)) as provider:
        monkeypatch.setattr(Transfer, "forget", killed)
        with pytest.raises((Killed, BaseExceptionGroup)):
            pulled(provider, tmp_path / "s", "a,b,c,d", jobs=1)
        monkeypatch.setattr(Transfer, "forget", forget)
        provider.requests.clear()
        assert pulled(provider, tmp_path / "s", "a,b,c,d", jobs=1).exit_code == 0
        assert len(provider.requests) == 2
        assert current(tmp_path / "s") == stated(provider, "a", "b", "c", "d")
        provider.requests.clear()
        pulled(provider, tmp_path / "s", "a,b,c,d")
        assert len(provider.requests) == 4
