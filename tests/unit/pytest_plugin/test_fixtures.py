"""``pytest --fixtures`` prints a docstring up to its first blank line: all must stand before it."""

from __future__ import annotations

import inspect

import pytest

from ackord.pytest_plugin import fixtures
from ackord.run.interactive import InteractiveRun


@pytest.mark.parametrize("name", ["ackord_bench", "merchant", "chaos", "provider", "history"])
def test_no_docstring_has_a_second_paragraph(name: str) -> None:
    text = getattr(fixtures, name).__doc__
    assert text and "\n\n" not in inspect.cleandoc(text)


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("merchant", ["submit", "resubmit", "query", "settle", "assert_held", "verdict", "world"]),
        ("chaos", ["arm", "assert_fired", "heal"]),
    ],
)
def test_the_methods_are_named_and_exist(name: str, methods: list[str]) -> None:
    text = getattr(fixtures, name).__doc__
    for method in methods:
        assert f"``{method}(" in text or f" ``{method}(" in text
        assert callable(getattr(InteractiveRun, method))
