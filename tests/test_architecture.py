"""Holds the rules of the code base: import direction, no circles, no hidden clocks, sizes, one name an idea, what
importing costs.

A rule is one test that names every offender. Who breaks a rule that came after the code is in a list under
``tests/exceptions`` that can only shrink: one that is mended must leave it, and nobody comes in.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import ackord

TESTS = Path(__file__).parent
SOURCE = Path(ackord.__file__).parent
MODULES = sorted(p for p in SOURCE.rglob("*.py") if "_shipped" not in p.parts)

LEVELS = [
    {"masking"},
    {"errors"},
    {"core"},
    {"host", "contract", "guarantees"},
    {"chaos", "merchant"},
    {"record"},
    {"client"},
    {"report", "providers"},
    {"workload", "statements", "scale"},
    {"simulation", "reconcile"},
    {"run"},
    {"drill", "replay", "certificate", "project"},
    {"gate"},
    {"cli", "gateway", "pytest_plugin", "schemathesis_checks", "suite"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 60

CLOCKS = {"time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.perf_counter_ns", "time.sleep"}
CALENDARS = {"datetime.now", "datetime.utcnow"}
CHANCE = {"random", "secrets", "uuid"}
MAY_TELL_TIME = {"core/clock.py"}
"""Everybody else is given a ``Clock``."""
MAY_SLEEP = {"core/clock.py", "host/process_identity.py"}
"""``host/process_identity.py`` waits for a process to end: there is nothing to be told when it does."""

DATES = {"today", "wall_iso"}
TESTS_THAT_MAY_ASK_THE_DATE = {"tiers.py", "unit/core/test_clock.py"}
"""``tiers.py`` makes the seed of the day, for who asks for it: the same commit is not green today and red tomorrow."""
TESTS_THAT_MAY_SLEEP = {
    "benchmarks/proxies_load.py": "a program: lets a machine settle before it measures",
    "benchmarks/proxies_parts.py": "a program: asks until a foreign server is up",
    "live/foreign/payouts_node.py": "a program: asks until its database has been copied",
    "live/merchants/merchant.py": "a program: a merchant that waits before it asks again",
    "live/test_bad_providers.py": "a provider that is slow on purpose",
    "unit/simulation/test_virtual_loop.py": "in virtual time, which passes at once",
    "waiting.py": "asks until something holds, for all others",
}


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def nobody(offenders: Iterable[str], mend: str) -> None:
    """Assert that there are no offenders; name all of them otherwise."""
    lines = sorted(offenders)
    assert not lines, "\n".join([f"{len(lines)} offenders. {mend}:", *lines])


def only_those_known(offenders: Iterable[str], file: str, mend: str) -> None:
    """Assert that the offenders are those of a list, one a line: it takes in nobody, and who is mended leaves it."""
    path = TESTS / "exceptions" / file
    known, found = path.read_text().splitlines(), set(offenders)
    assert known == sorted(set(known)), f"{path} is not sorted, or says something twice"
    nobody(found - set(known), mend)
    nobody(set(known) - found, f"these are mended: delete their lines from tests/exceptions/{file}")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Modules of this package that a file imports, in full: ``(line, "core.clock")``."""
    package = list(path.relative_to(SOURCE).parts[:-1])
    for node in ast.walk(tree_of(path)):
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


def module_name(path: Path) -> str:
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


NAMES = {module_name(p): p for p in MODULES}


def graph_of_modules() -> dict[str, set[str]]:
    """Which module imports which, imports inside functions and for type checking included."""
    return {
        name: {m if m in NAMES else m.rpartition(".")[0] for _, m in imports_of(path)} & set(NAMES) - {name}
        for name, path in NAMES.items()
    }


def folder_of(path: Path) -> str:
    """``contract/signing`` for a module in it; a module of the package's own folder stands for itself: ``errors``."""
    parts = path.relative_to(SOURCE).parts
    return "/".join(parts[:-1]) or parts[0].removesuffix(".py")


def graph_of_folders() -> dict[str, set[str]]:
    """Which folder imports which: every folder, however deep, is one node, apart from the folders in it.

    A module of one folder that imports a module of another, or a name from the other's ``__init__``, makes an edge
    between the two. A package's ``__init__`` that imports from the folders below it makes none: it gathers them for
    others.
    """
    graph: dict[str, set[str]] = defaultdict(set)
    for name, others in graph_of_modules().items():
        path = NAMES[name]
        for other in others:
            here, there = folder_of(path), folder_of(NAMES[other])
            gathers = path.name == "__init__.py" and there.startswith(f"{here}/")
            if here != there and not gathers:
                graph[here].add(there)
    return graph


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """What ``start`` reaches over at least one edge."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def test_every_room_has_a_level() -> None:
    assert {room_of(p) for p in MODULES} - {"__init__"} == set(LEVEL)


def test_low_rooms_never_import_high_ones() -> None:
    offenders = []
    for path in MODULES:
        room = room_of(path)
        for line, module in imports_of(path):
            other = module.split(".")[0]
            if room == "__init__" or (other in LEVEL and other != room and LEVEL[other] >= LEVEL[room]):
                offenders.append(f"{name_of(path)}:{line} imports {module}")
    nobody(offenders, "A room imports lower ones only, and ackord itself imports nothing")


def test_there_is_no_import_cycle() -> None:
    """Module by module. A package's ``__init__`` may gather its own modules; those import their siblings, not the
    package.
    """
    graph = graph_of_modules()
    reached = {name: reachable(graph, name) for name in graph}
    nobody(
        (f"{name} imports {other}" for name in graph for other in graph[name] if name in reached[other]),
        "Each of these imports lies on a circle",
    )


def test_there_is_no_circle_of_folders() -> None:
    graph = graph_of_folders()
    reached = {name: reachable(graph, name) for name in graph}
    nobody(
        (f"{here} imports {there}" for here in graph for there in graph[here] if here in reached.get(there, ())),
        "Each of these folders imports the other, and is imported back, perhaps by way of a third",
    )


def test_nothing_reads_the_system_s_time_or_rolls_dice() -> None:
    offenders = []
    for path in MODULES:
        name = name_of(path)
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                dotted = f"{node.value.id}.{node.attr}"
                allowed = MAY_SLEEP if dotted == "time.sleep" else MAY_TELL_TIME
                if (dotted in CLOCKS and name not in allowed) or dotted in CALENDARS:
                    offenders.append(f"{name}:{node.lineno} calls {dotted}")
            elif isinstance(node, ast.Import | ast.ImportFrom):
                modules = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                offenders += [f"{name}:{node.lineno} imports {found}" for found in CHANCE.intersection(modules)]
    nobody(offenders, "Take a Clock for the time and a core.seed.Seed, which is keyed, for chance")


def test_modules_and_functions_stay_small() -> None:
    offenders = []
    for path in MODULES:
        if (lines := len(path.read_text().splitlines())) > MOST_LINES:
            offenders.append(f"{name_of(path)} has {lines} lines, of {MOST_LINES}")
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    offenders.append(f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines")
    nobody(offenders, "These have grown: an idea is missing")


def test_every_module_says_what_it_is_for() -> None:
    nobody((name_of(path) for path in MODULES if not ast.get_docstring(tree_of(path))), "These have no docstring")


def test_no_class_name_is_used_twice() -> None:
    """Neither for two ideas, nor for two halves of one: whoever reads the name must know which class it is."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{name_of(path)}:{node.lineno}")
    nobody(
        (f"{name} in {', '.join(found)}" for name, found in places.items() if len(found) > 1),
        "These class names are used twice: take another for one of them",
    )


def mirrored(test: Path) -> bool:
    """True for a unit test whose module, package or shipped contract is at the test's own path."""
    folder, name = test.relative_to(TESTS / "unit").parent, test.stem.removeprefix("test_")
    if folder.as_posix() == "contract/shipped":
        return (TESTS.parent / "contracts" / f"{name.replace('_', '-')}.yaml").exists()
    return (SOURCE / folder / f"{name}.py").exists() or (SOURCE / folder / name / "__init__.py").exists()


def test_unit_tests_stand_where_their_source_stands() -> None:
    tests = sorted((TESTS / "unit").rglob("test_*.py"))
    only_those_known(
        (test.relative_to(TESTS).as_posix() for test in tests if not mirrored(test)),
        "tests_without_module.txt",
        "tests/unit/a/test_b.py is about harness/ackord/a/b.py, which is not there",
    )


def test_every_module_has_its_unit_test() -> None:
    modules = [p for p in MODULES if p.stem not in ("__init__", "__main__")]
    only_those_known(
        (
            name_of(path)
            for path in modules
            if not (TESTS / "unit" / path.relative_to(SOURCE).with_name(f"test_{path.name}")).exists()
        ),
        "modules_without_test.txt",
        "harness/ackord/a/b.py is tested in tests/unit/a/test_b.py, which is not there",
    )


def test_a_folder_of_many_modules_says_what_each_does() -> None:
    many, most_lines = 8, 60
    folders = defaultdict(list)
    for path in MODULES:
        if path.name != "__init__.py":
            folders[path.parent].append(path.name)
    nobody(
        (
            name_of(folder)
            for folder, modules in folders.items()
            if len(modules) > many
            and not ((at := folder / "README.md").is_file() and len(at.read_text().splitlines()) <= most_lines)
        ),
        f"A folder with more than {many} modules has a README.md of at most {most_lines} lines",
    )


def test_no_test_sleeps_to_wait() -> None:
    """``asyncio.sleep(0)`` waits for nothing: it lets the loop take a turn."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(tree_of(path)):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called.rpartition(".")[2] == "sleep" and ast.unparse(node).rpartition("(")[2] != "0)":
                found[path.relative_to(TESTS).as_posix()].append(node.lineno)
    nobody(
        (f"{name}:{line}" for name, lines in found.items() if name not in TESTS_THAT_MAY_SLEEP for line in lines),
        "Wait for the event; where nothing tells of it, ask with tests/waiting.py",
    )
    assert set(TESTS_THAT_MAY_SLEEP) == found.keys() & set(TESTS_THAT_MAY_SLEEP), "who sleeps no more leaves the list"


def test_no_test_depends_on_the_date() -> None:
    nobody(
        (
            f"{path.relative_to(TESTS)}:{node.lineno}"
            for path in sorted(TESTS.rglob("*.py"))
            if path.relative_to(TESTS).as_posix() not in TESTS_THAT_MAY_ASK_THE_DATE
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Attribute) and (node.attr in DATES or ast.unparse(node) in CALENDARS)
        ),
        "Take the seed from tests/tiers.py, and a fixed day",
    )


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Modules that are not of this package: ``(line, "asyncio")``."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, (node.module or "").split(".")[0]


def test_an_exchange_of_the_gateway_has_no_socket_no_loop_and_no_clock() -> None:
    """The core, that is all of the gateway that an exchange imports, and what drives it in virtual time.

    ``simulation.virtual_loop`` is a loop itself, over a virtual clock, for the provider's service.
    """
    gateway = "chaos.gateway."
    core = {name for name in reachable(graph_of_modules(), f"{gateway}proxied_exchange") if name.startswith(gateway)}
    driver = {name for name in NAMES if name.startswith("simulation.")} - {"simulation.virtual_loop"}
    core |= {f"{gateway}proxied_exchange", *driver}
    assert {f"{gateway}{name}" for name in ("edge_state", "ports", "request_path", "response_path", "rules")} <= core
    nobody(
        (
            f"{name_of(NAMES[name])}:{line} imports {module}"
            for name in core
            for line, module in imported(NAMES[name])
            if module in {"asyncio", "selectors", "socket", "ssl", "threading", "time", "uvloop"}
        ),
        "Ask a port for it (chaos/gateway/ports.py); what makes the ports live is downstream, upstream, proxy_state",
    )


def test_schemathesis_is_imported_where_it_is_used_and_nowhere_else() -> None:
    """It costs a second to import and is an extra: without it everything else must work."""
    found = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree_of(path))
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


OPTIONS_OF_THE_PLUGIN = {"ackord.run", "ackord.run.options", "ackord.run.options.run_options"}


def test_the_pytest_plugin_is_light_until_it_is_used() -> None:
    """Counted in modules, not in milliseconds: a slow machine does not change what is imported."""
    loaded = modules_after("import pytest; before = set(sys.modules); import ackord.pytest_plugin")
    own = {module for module in loaded if module.startswith("ackord.pytest_plugin")}
    assert loaded == {"ackord", *own, *OPTIONS_OF_THE_PLUGIN}


def test_a_session_that_does_not_use_the_plugin_does_not_load_the_harness(tmp_path: Path) -> None:
    """A test that passes, and one that fails by itself, never need more than the plugin's own modules."""
    tests = tmp_path / "test_own.py"
    tests.write_text("def test_passes():\n    pass\n\n\ndef test_fails():\n    raise ValueError\n")
    session = f"pytest.main(['-q', '-p', 'no:cacheprovider', '-c', '/dev/null', {str(tests)!r}])"
    loaded = modules_after(f"import pytest; before = set(sys.modules); {session}")
    ours = {name for name in loaded if name.startswith("ackord.") and not name.startswith("ackord.pytest_plugin")}
    assert ours == {"ackord.errors", "ackord.masking", *OPTIONS_OF_THE_PLUGIN}


def test_the_checks_for_schemathesis_import_nothing_of_ours_until_an_answer_comes() -> None:
    loaded = modules_after("import schemathesis; before = set(sys.modules); import ackord.schemathesis_checks")
    assert {name for name in loaded if name.startswith("ackord")} == {"ackord", "ackord.schemathesis_checks"}


def test_the_provider_s_logic_needs_no_driver_of_a_database() -> None:
    loaded = modules_after("import ackord.providers.variants")
    assert not loaded & {"asyncpg", "fastapi", "uvicorn", "uvloop"}


def test_help_does_not_import_the_heavy_parts() -> None:
    loaded = modules_after(
        "import ackord.cli, ackord.cli.certify, ackord.cli.flaw, ackord.cli.audit, ackord.cli.profile"
    )
    heavy = {"hypothesis", "httpx", "pydantic", "fastapi", "uvicorn", "asyncpg", "uvloop", "pytest", "schemathesis"}
    assert not loaded & heavy
