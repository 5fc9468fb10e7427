"""The rules of the code base, held by tests: import direction, no cycles, no hidden clocks, sizes, and what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ackord

SOURCE = Path(ackord.__file__).parent
MODULES = sorted(p for p in SOURCE.rglob("*.py") if "_shipped" not in p.parts)

LEVELS = [
    {"errors"},
    {"core"},
    {"host", "contract", "guarantees"},
    {"chaos"},
    {"record"},
    {"client"},
    {"report", "providers"},
    {"workload"},
    {"simulation"},
    {"run"},
    {"cli", "pytest_plugin", "schemathesis_checks", "suite"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 60

CLOCKS = {"time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.perf_counter_ns", "time.sleep"}
CHANCE = {"random", "secrets", "uuid"}
MAY_TELL_TIME = {"core/clock.py"}
"""Everybody else is given a ``Clock``."""
MAY_SLEEP = {"core/clock.py", "host/process_identity.py"}
"""``host/process_identity.py`` waits for a process to end: there is nothing to be told when it does."""


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Modules of this package that a file imports, in full: ``(line, "core.clock")``."""
    package = list(path.relative_to(SOURCE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = [*base, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                yield node.lineno, ".".join([*module, alias.name])
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ackord":
            yield node.lineno, (node.module or "").removeprefix("ackord").lstrip(".")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "ackord":
                    yield node.lineno, alias.name.removeprefix("ackord").lstrip(".")


def test_every_room_has_a_level() -> None:
    assert {room_of(p) for p in MODULES} - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_low_rooms_never_import_high_ones(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert not list(imports_of(path)), "importing ackord imports nothing"
        return
    for line, module in imports_of(path):
        other = module.split(".")[0]
        if other in LEVEL and other != room:
            assert LEVEL[other] < LEVEL[room], f"{name_of(path)}:{line} imports {module}, which is not below {room}"


def test_there_is_no_import_cycle() -> None:
    """Module by module, imports inside functions and for type checking included."""
    names = {name_of(p).removesuffix(".py").removesuffix("/__init__").replace("/", "."): p for p in MODULES}
    graph = {
        name: {m if m in names else m.rpartition(".")[0] for _, m in imports_of(path)} & set(names) - {name}
        for name, path in names.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"an import cycle: {' -> '.join([*trail[trail.index(name) :], name])}"
        if name not in done:
            for other in sorted(graph[name]):
                # A package's __init__ may gather its own modules; those import their siblings, not the package.
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_reads_the_system_s_time_or_rolls_dice(path: Path) -> None:
    name = name_of(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            dotted = f"{node.value.id}.{node.attr}"
            allowed = MAY_SLEEP if dotted == "time.sleep" else MAY_TELL_TIME
            assert dotted not in CLOCKS or name in allowed, f"{name}:{node.lineno} calls {dotted}: take a Clock instead"
            assert dotted not in ("datetime.now", "datetime.utcnow"), (
                f"{name}:{node.lineno} asks the calendar: take a Clock"
            )
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found = CHANCE.intersection(modules)
            assert not found, f"{name}:{node.lineno} imports {found}: take a core.seed.Seed, which is keyed"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MOST_LINES, f"{name_of(path)} has grown: an idea is missing"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MOST_LINES_OF_A_FUNCTION, f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name_of(path)} has no docstring"


def test_schemathesis_is_imported_where_it_is_used_and_nowhere_else() -> None:
    """It costs a second to import and is an extra: without it everything else must work."""
    found = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if name.split(".")[0] == "schemathesis"
    }
    assert found == {"workload/openapi_check.py", "schemathesis_checks.py"}


def modules_after(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_imports_nothing_else() -> None:
    assert modules_after("import ackord") == {"ackord"}


def test_the_pytest_plugin_is_light_until_it_is_used() -> None:
    """Counted in modules, not in milliseconds: a slow machine does not change what is imported."""
    loaded = modules_after("import pytest; before = set(sys.modules); import ackord.pytest_plugin")
    assert loaded == {"ackord", "ackord.pytest_plugin"}


def test_the_checks_for_schemathesis_import_nothing_of_ours_until_an_answer_comes() -> None:
    loaded = modules_after("import schemathesis; before = set(sys.modules); import ackord.schemathesis_checks")
    assert {name for name in loaded if name.startswith("ackord")} == {"ackord", "ackord.schemathesis_checks"}


def test_help_does_not_import_the_heavy_parts() -> None:
    loaded = modules_after(
        "import ackord.cli, ackord.cli.certify, ackord.cli.flaw, ackord.cli.audit, ackord.cli.profile"
    )
    heavy = {"hypothesis", "httpx", "pydantic", "fastapi", "uvicorn", "asyncpg", "uvloop", "pytest", "schemathesis"}
    assert not loaded & heavy
