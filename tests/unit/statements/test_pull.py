"""A pull keeps to the provider's rate, asks no address that is not safe, and leaves what landed when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.base.http_messages import HttpResponse
from ackord.errors import UsageError
from ackord.statements.pull import provider_address
from tests.statement_provider import Book, StatementProvider

from .support import CSV, current, loaded, pulled, stated


@pytest.mark.parametrize(
    "target", ["", "ftp://127.0.0.1", "http://user:secret@127.0.0.1", "http://bank.example", "http://127.0.0.1?x=1"]
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(UsageError) as failure:
        provider_address(loaded(tmp_path, CSV), target)
    assert "secret" not in str(failure.value)


def test_addresses(tmp_path: Path) -> None:
    assert provider_address(loaded(tmp_path, CSV), "https://bank.example/") == "https://bank.example"
    assert provider_address(loaded(tmp_path, CSV), "http://localhost:80") == "http://localhost:80"


def test_a_day_that_is_not_over_lands_and_is_told(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV), Book(5)) as provider:
        early = pulled(provider, tmp_path / "s", day="2999-01-01")
    assert (early.exit_code, early.rows, early.outcomes[0].state.value) == (3, 5, "growing")
    assert "lines may be missing" in early.outcomes[0].problem


def test_what_landed_stays_when_a_later_pull_is_refused(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV), Book(5)) as provider:
        pulled(provider, tmp_path / "s")
        before = stated(provider)
        provider.faults.answers["main"] = provider.faults.answers["acc_1"] = _bad()
        refused = pulled(provider, tmp_path / "s").outcomes[0]
    assert (refused.state.value, refused.version, refused.rows) == ("refused", 1, 5)
    assert current(tmp_path / "s") == before


def _bad() -> HttpResponse:

    return HttpResponse(200, {}, b"no table")
