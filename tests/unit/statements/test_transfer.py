"""Pages that came whole are not fetched again; those that did not, are."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.statements.transfer import Transfer
from tests.statement_provider import Book, StatementProvider

from .support import current, loaded, pulled, stated

PAGES = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}", after: "${cursor}"}}
rows: $.rows
next: $.next
columns: {movement_id: $.id, order_no: $.no, amount: $.amount, kind: $.kind, at: $.at}
"""


class Killed(BaseException):
    """The process was killed here."""


@pytest.mark.parametrize(("damage", "again"), [("", 2), ("bytes", 3), ("note", 3)])
def test_a_transfer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, again: int) -> None:
    notes = 0

    def killed(self: Transfer, part: object, cursor: object) -> None:
        nonlocal notes
        notes += 1
        if notes > 2:
            raise Killed
        note(self, part, cursor)  # type: ignore[arg-type]

    note = Transfer._note
    with StatementProvider(loaded(tmp_path, PAGES), Book(350)) as provider:
        monkeypatch.setattr(Transfer, "_note", killed)
        with pytest.raises((Killed, BaseExceptionGroup)):
            pulled(provider, tmp_path / "s")
        monkeypatch.setattr(Transfer, "_note", note)
        second = sorted((tmp_path / "s" / "transfer").rglob("*.part"))[1]
        if damage == "bytes":
            second.write_bytes(second.read_bytes() + b" ")
        elif damage == "note":
            second.with_suffix(".note").write_text("{")
        provider.requests.clear()
        assert pulled(provider, tmp_path / "s").exit_code == 0
        # Four pages of lines, the last of which names a fifth without any.
        assert len(provider.requests) == again + 1
        assert current(tmp_path / "s") == stated(provider)
