"""What stands beside a failure, and at the end of a session."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ackord.errors import FileError, UsageError
from ackord.pytest_plugin.ending import add_sections, name_options_of_pytest, note_run, say_evidence


def item(*notes: str) -> Any:
    found = SimpleNamespace(stash=pytest.Stash())
    if notes:
        note_run(found, SimpleNamespace(notes=lambda: list(notes)))  # type: ignore[arg-type]
    return found


def sections(node: Any, *, failed: bool) -> list[tuple[str, str]]:
    report: Any = SimpleNamespace(failed=failed, sections=[])
    add_sections(node, report)
    return list(report.sections)


def test_a_failure_is_told_what_was_armed_and_how_to_repeat_it() -> None:
    assert sections(item("armed: x", "repeat with y"), failed=True) == [("ackord", "armed: x\nrepeat with y")]


def test_nothing_is_said_of_what_passed_or_is_none_of_ours() -> None:
    assert sections(item("armed: x"), failed=False) == []
    assert sections(item(), failed=True) == []


def test_a_session_without_us_ends_without_a_word() -> None:
    class Silent:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    config: Any = SimpleNamespace(stash=pytest.Stash())
    say_evidence(Silent(), config)
    config.workerinput = {}
    say_evidence(Silent(), config)


def test_an_error_of_ours_names_the_options_of_pytest() -> None:
    error = UsageError("there is no fault.\n  mend: --profile NAME, or `ackord certify --profile NAME`")
    name_options_of_pytest(error)
    assert str(error) == "there is no fault.\n  mend: --chaos-profile NAME, or `ackord certify --profile NAME`"
    other = ValueError("--profile")
    name_options_of_pytest(other)
    assert str(other) == "--profile"


def test_what_else_an_error_says_stays() -> None:
    error = FileError("a.yaml", 3, "odd", mend="give --target")
    name_options_of_pytest(error)
    assert str(error) == "a.yaml:3: odd\n  mend: give --chaos-target"
