"""Holds the table of former faults: each row names tests that exist, and docs/EVIDENCE.md has the rows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .findings import BEGIN, END, EVIDENCE, FINDINGS, FormerFault, table, verdicts_in

TESTS = Path(__file__).parent


@pytest.mark.parametrize("fault", FINDINGS, ids=lambda fault: fault.kind)
def test_each_row_names_tests_that_assert_something(fault: FormerFault) -> None:
    assert fault.tests
    for test in fault.tests:
        asserted = [
            node
            for node in ast.walk(_function(test)[1])
            if isinstance(node, ast.Assert)
            or (isinstance(node, ast.Call) and _asserts(ast.unparse(node.func)))
            or (isinstance(node, ast.Constant) and "assert " in str(node.value))  # a test file that the test writes
        ]
        assert asserted, f"{test} asserts nothing"


@pytest.mark.parametrize("fault", FINDINGS, ids=lambda fault: fault.kind)
def test_the_verdicts_of_a_row_are_those_that_its_tests_expect(fault: FormerFault) -> None:
    expected = [_expected(test) for test in fault.tests]
    missing = verdicts_in(fault.now) - set().union(*expected)
    assert not missing, f"{', '.join(fault.tests)} expect no {', '.join(sorted(missing))}"


def test_a_row_that_disagrees_with_its_test_is_seen() -> None:
    row = next(fault for fault in FINDINGS if fault.now == "VIOLATED")
    for now, agrees in (("VIOLATED", True), ("UNSAFE", False), ("exit 77", False)):
        assert (verdicts_in(now) <= _expected(row.tests[0])) is agrees


def _function(test: str) -> tuple[ast.Module, ast.AST]:
    """The module and the function of a test that is named ``FILE::TEST``."""
    file, _, name = test.partition("::")
    module = ast.parse((TESTS / file).read_text())
    functions = {n.name: n for n in ast.walk(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in functions, test
    return module, functions[name]


def _expected(test: str) -> set[str]:
    """The verdicts and exit codes that a test compares with: those in its own text and parameters, and in the
    constants and functions of its module that it names.
    """
    module, function = _function(test)
    named = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    helpers = [node for node in module.body if _names_of(node) & named]
    found = set()
    for node in [inner for outer in (function, *helpers) for inner in ast.walk(outer)]:
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Result":
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            found.add(f"exit {node.value}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= verdicts_in(node.value)
    return found


def _names_of(node: ast.stmt) -> set[str]:
    """The names that a statement of a module gives."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    return {t.id for t in node.targets if isinstance(t, ast.Name)} if isinstance(node, ast.Assign) else set()


def _asserts(function: str) -> bool:
    return any(word in function for word in ("raises", "assert", "only_one_sentence", "check", "expect"))


@pytest.mark.skipif(not EVIDENCE.is_file(), reason="the docs are in a checkout only")
def test_the_evidence_has_the_table() -> None:
    text = EVIDENCE.read_text()
    assert text.partition(BEGIN)[2].partition(END)[0] == table(), "run python -m tests.findings"
