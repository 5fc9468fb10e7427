"""A cursor that the statement never gave is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ackord.core.event import Event
from ackord.core.promises import Promises
from ackord.guarantees.statement_cursor_refused import ID

from .build import order
from .statement_build import WHOLE, invented, line, page, reading, word

COUNTED = replace(WHOLE, statement=replace(WHOLE.statement, paging="counted"))  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("asked", "promises", "said"),
    [
        (invented(60, problem="status 422"), WHOLE, "HELD"),
        (invented(60, lines=20), WHOLE, "VIOLATED"),
        (invented(60), WHOLE, "UNSAFE"),
        ([], WHOLE, "INCONCLUSIVE"),
        (invented(60, lines=20), COUNTED, "NOT_APPLICABLE"),
    ],
)
def test_case(asked: list[Event], promises: Promises, said: str) -> None:
    verdict = word(ID, reading(1, 50, [page(line())]), asked, of=order().submit(0, 5), promises=promises)
    assert verdict.result == said, verdict
    if verdict.findings:
        assert verdict.findings[0].order == "(statement)"
