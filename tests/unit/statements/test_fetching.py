"""A page is asked for again while the provider is busy or breaks off, and no longer than it is worth."""

from __future__ import annotations

from pathlib import Path

from ackord.contract.base.http_messages import HttpResponse
from tests.statement_provider import Book, Faults, StatementProvider

from .support import CSV, current, loaded, pulled, stated


def test_busy_and_broken_answers_are_asked_for_again(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV), Book(9), Faults(busy_every=2, cut_every=3)) as provider:
        assert pulled(provider, tmp_path / "s", "a,b,c").exit_code == 0
        assert current(tmp_path / "s") == stated(provider, "a", "b", "c")


def test_who_is_always_busy_is_told(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV), faults=Faults(busy_every=1)) as provider:
        result = pulled(provider, tmp_path / "s")
        assert (result.exit_code, len(provider.requests)) == (4, 6)
    assert result.outcomes[0].problem == "status 503, after 6 tries"


def test_links_that_never_work_are_told(tmp_path: Path) -> None:
    statement = CSV + "download: $.url\n"
    with StatementProvider(loaded(tmp_path, statement), faults=Faults(gone_links=9)) as provider:
        assert "by any of 3 links" in pulled(provider, tmp_path / "s").outcomes[0].problem


def test_a_file_at_another_machine_is_not_fetched(tmp_path: Path) -> None:
    statement = CSV + "download: $.url\n"
    elsewhere = HttpResponse(200, {"content-type": "application/json"}, b'{"url": "http://127.0.0.2:1/x"}')
    faults = Faults(answers={"main": elsewhere})
    with StatementProvider(loaded(tmp_path, statement), faults=faults, emulated=False) as provider:
        assert "on another machine than the provider" in pulled(provider, tmp_path / "s").outcomes[0].problem
