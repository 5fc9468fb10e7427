"""Ten layouts of banks and providers are pulled over HTTP and read exactly; one line less is a contradiction."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.statement_layouts import LAYOUTS, Layout
from tests.statement_provider import Faults, StatementProvider
from tests.unit.statements.support import current, loaded, pulled

COLUMNS = (
    "line_id, order_no, kind, direction, amount_minor, currency, fee_minor, status, "
    "strftime(booked_at, '%Y-%m-%d %H:%M:%S')"
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_read_exactly(tmp_path: Path, layout: Layout) -> None:
    faults = Faults(answers={"main": layout.answer})
    with StatementProvider(loaded(tmp_path, layout.statement), faults=faults, emulated=False) as provider:
        result = pulled(provider, tmp_path / "store")
        assert [outcome.problem for outcome in result.outcomes] == [""]
        assert result.exit_code == 0
        assert pulled(provider, tmp_path / "store").outcomes[0].state == "unchanged"
    assert current(tmp_path / "store", COLUMNS) == sorted(layout.lines, key=repr)
