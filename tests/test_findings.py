"""Holds the table of former faults: each row names tests that exist, and docs/EVIDENCE.md has the rows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .findings import BEGIN, END, EVIDENCE, FINDINGS, FormerFault, table

TESTS = Path(__file__).parent


@pytest.mark.parametrize("fault", FINDINGS, ids=lambda fault: fault.kind)
def test_each_row_names_tests_that_assert_something(fault: FormerFault) -> None:
    assert fault.tests
    for test in fault.tests:
        file, _, name = test.partition("::")
        functions = {
            node.name: node
            for node in ast.walk(ast.parse((TESTS / file).read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in functions, test
        asserted = [
            node
            for node in ast.walk(functions[name])
            if isinstance(node, ast.Assert)
            or (isinstance(node, ast.Call) and _asserts(ast.unparse(node.func)))
            or (isinstance(node, ast.Constant) and "assert " in str(node.value))  # a test file that the test writes
        ]
        assert asserted, f"{test} asserts nothing"


def _asserts(function: str) -> bool:
    return any(word in function for word in ("raises", "assert", "only_one_sentence", "check", "expect"))


@pytest.mark.skipif(not EVIDENCE.is_file(), reason="the docs are in a checkout only")
def test_the_evidence_has_the_table() -> None:
    text = EVIDENCE.read_text()
    assert text.partition(BEGIN)[2].partition(END)[0] == table(), "run python -m tests.findings"
