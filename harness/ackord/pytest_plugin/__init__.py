"""Collect a contract file in pytest as one test item per guarantee and profile, and offer fixtures for tests of one's
own.

Nothing heavy is imported until an option, a fixture or a contract file asks for it: a session that does not use Ackord
pays for this package's options and hooks only.

Under pytest-xdist every profile is run once for all workers: the first worker that needs it runs it and leaves the
journal, the others wait at a file lock and judge that journal again, which gives the same verdict.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from . import collection
from .ending import add_sections, name_options_of_pytest, say_evidence
from .fixtures import ackord_bench, ackord_profile, chaos, drill, history, merchant, provider
from .guarantee_item import stop_at
from .marks import check_mark, parametrize
from .options import add_options, close_runs, contract_path, share_with_workers

__all__ = ["ackord_bench", "ackord_profile", "chaos", "drill", "history", "merchant", "provider"]

_MARKERS = (
    "ackord(contract=, profile=, seed=, faults=): what this test's merchant, provider and chaos are; "
    "each replaces the option of the session, and faults are added to the profile's",
    "ackord_guarantee(guarantee, profile): an item that a contract file was collected as",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    contract = contract_path(config)
    if contract is not None:
        collection.choose_arguments(config, contract)
    collection.named_contracts(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give all workers of xdist, if installed, the same seed and the same contracts."""
    share_with_workers(node)
    collection.share_with_worker(node)


def pytest_report_header(config: pytest.Config) -> str | None:
    return collection.header(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    close_runs(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a YAML file as a contract only if it was named."""
    return collection.contract_file(file_path, parent)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Before anybody sorts or deselects: add the contract, if no argument led to it."""
    collection.add_missing(session, config, items)
    yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize(metafunc)


def pytest_runtest_setup(item: pytest.Item) -> None:
    with stop_at():
        check_mark(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say beside a failure which faults were armed, where the evidence is, and how to repeat it."""
    if call.excinfo is not None:
        name_options_of_pytest(call.excinfo.value)
    report = yield
    add_sections(item, report)
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    say_evidence(terminalreporter, config)
