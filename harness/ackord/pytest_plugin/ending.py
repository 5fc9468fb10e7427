"""Say beside a failure what led to it, and at the end of a session where its evidence is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .collection import collected_contracts
from .options import started_runs, suite_words

if TYPE_CHECKING:
    from ..run.interactive import InteractiveRun

__all__ = ["add_sections", "name_options_of_pytest", "note_run", "say_evidence"]

_RUN: pytest.StashKey[InteractiveRun] = pytest.StashKey()


def note_run(item: pytest.Item, run: InteractiveRun) -> None:
    """Remember a test's run for its report."""
    item.stash[_RUN] = run


def add_sections(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what was armed, judged and written to the report of a test that failed with our fixtures."""
    run = item.stash.get(_RUN, None)
    if run is not None and report.failed:
        report.sections.append(("ackord", "\n".join(run.notes())))


def name_options_of_pytest(error: BaseException) -> None:
    """Rewrite the message of an error of ours that a test raised: its options are written as pytest has them."""
    from ..errors import AckordError

    if isinstance(error, AckordError):
        error.args = tuple(suite_words(word) if isinstance(word, str) else word for word in error.args)


def say_evidence(terminal: Any, config: pytest.Config) -> None:
    """Write the reports, and say where the session's evidence is."""
    from ..errors import AckordError

    if hasattr(config, "workerinput"):
        return
    runs = started_runs(config)
    if runs is None:
        return
    try:
        evidence = runs.evidence(collected_contracts(config))
    except AckordError as error:
        terminal.section("ackord")
        terminal.line(suite_words(str(error)))
        return
    if evidence:
        terminal.section("ackord")
    for line in evidence:
        terminal.line(line)
