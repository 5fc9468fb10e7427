"""The compiled wheel: what it compiles, and that nothing is compiled unless it is asked for. `.ci/compiled.sh` builds and tests it."""

from __future__ import annotations

import runpy
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
HOOK = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"][
    "custom"
]


def hook(root: Path = ROOT, compiled: list[str] = HOOK["compiled"], target: str = "wheel") -> Any:
    made = runpy.run_path(str(ROOT / HOOK["path"]))["CompiledBuild"]
    return made(str(root), {"compiled": compiled}, None, None, "", target)


def test_every_module_that_is_to_be_compiled_exists_and_stands_there_once() -> None:
    names = HOOK["compiled"]
    assert names == sorted(set(names))
    assert all((ROOT / "harness" / f"{name.replace('.', '/')}.py").is_file() for name in names)


def test_a_compiled_class_has_no_room_for_a_cached_property() -> None:
    """mypyc accepts one, and it fails when it is first read: such a module stays Python."""
    sources = {name: (ROOT / "harness" / f"{name.replace('.', '/')}.py").read_text() for name in HOOK["compiled"]}
    assert [name for name, text in sources.items() if "cached_property" in text] == []


@pytest.mark.parametrize(("wish", "target", "version"), [("", "wheel", "standard"), ("0", "wheel", "standard"), ("1", "sdist", "standard")])  # fmt: skip
def test_a_build_is_pure_unless_a_compiled_wheel_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, wish: str, target: str, version: str
) -> None:
    monkeypatch.setenv("ACKORD_COMPILE", wish)
    monkeypatch.setattr(subprocess, "run", None)
    data: dict[str, Any] = {"force_include": {}}
    assert hook(target=target).dependencies() == []
    hook(target=target).initialize(version, data)
    assert data == {"force_include": {}}


def test_an_editable_install_stays_pure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever edits a source runs what he edited."""
    monkeypatch.setenv("ACKORD_COMPILE", "1")
    monkeypatch.setattr(subprocess, "run", None)
    data: dict[str, Any] = {"force_include": {}}
    hook().initialize("editable", data)
    assert data == {"force_include": {}}


def test_a_module_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKORD_COMPILE", "1")
    built = hook(compiled=["ackord.core.exchange", "ackord.core.exchnage"])
    with pytest.raises(RuntimeError, match=r"pyproject\.toml names modules .* ackord/core/exchnage\.py"):
        built.initialize("standard", {"force_include": {}})
    built.finalize("standard", {}, "")


def test_what_cannot_be_compiled_says_why_and_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKORD_COMPILE", "1")
    refused = subprocess.CompletedProcess([], 1, "error: command 'gcc' failed\n", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: refused)
    built = hook(compiled=["ackord.core.exchange"])
    with pytest.raises(RuntimeError, match=r"(?s)command 'gcc' failed.*mend: .*ACKORD_COMPILE"):
        built.initialize("standard", {"force_include": {}})
    built.finalize("standard", {}, "")
