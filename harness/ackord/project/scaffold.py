"""Writes the first files of a project: ``ackord.toml`` and a workflow. Nothing that is there is overwritten unasked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from .. import __version__
from ..errors import FileError, UsageError, unwritable
from ..report.files import write_file
from .settings import FILE_NAME, find_settings

__all__ = ["CiSystem", "NewFile", "ci_system_of", "new_files", "write_new"]


class CiSystem(StrEnum):
    """Where the workflow is to run."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


class NewFile(NamedTuple):
    path: Path
    text: str
    then: str = ""
    """What is left to do by hand, in a sentence."""


_GITHUB = Path(".github/workflows/ackord.yml")
_GITLAB = Path(".gitlab-ci.yml")
_GITLAB_BESIDE = Path(".gitlab/ackord.yml")


def ci_system_of(folder: Path) -> CiSystem:
    """Return which system a project uses by its files; GitHub where nothing says."""
    on_gitlab = (folder / _GITLAB).exists() or (folder / ".gitlab").is_dir()
    return CiSystem.GITLAB if on_gitlab and not (folder / ".github").is_dir() else CiSystem.GITHUB


def new_files(folder: Path, contracts: Sequence[str], *, target: str, system: CiSystem) -> list[NewFile]:
    """Return the files that a project needs, with paths below ``folder``. ``contracts``: names, or paths from there."""
    made = [NewFile(folder / FILE_NAME, _settings(contracts, target))]
    if system is CiSystem.GITHUB:
        made.append(NewFile(folder / _GITHUB, _template("github.yml")))
    if system is CiSystem.GITLAB:
        own = (folder / _GITLAB).exists()
        then = f"add to {_GITLAB}:  include: [{{local: {_GITLAB_BESIDE}}}]" if own else ""
        made.append(NewFile(folder / (_GITLAB_BESIDE if own else _GITLAB), _template("gitlab.yml"), then))
    return made


def write_new(made: Sequence[NewFile], *, force: bool) -> None:
    """Write the files, or none of them.

    Raises ``FileError`` for one that is there already, unless ``force``, and for one that cannot be written.
    """
    if not force:
        for file in made:
            if file.path.exists():
                raise FileError(
                    file.path,
                    None,
                    "it is there already, and nothing was written",
                    mend="move it away, or overwrite it with --force",
                )
        _refuse_second(made[0].path)
    for file in made:
        try:
            write_file(file.path, file.text.encode())
        except FileError as error:
            raise FileError(file.path, None, error.problem, mend="choose another folder") from None
        except OSError as error:
            raise unwritable(file.path, "the file", error, mend="choose another folder") from error


def _refuse_second(path: Path) -> None:
    """Raise ``UsageError`` if the folder's ``pyproject.toml`` has settings, which the new file would hide."""
    found = find_settings(path.parent)
    if found is not None and found.path.resolve().parent == path.parent.resolve():
        raise UsageError(
            f"{found.path} has [tool.ackord] already, which {path.name} would hide; nothing was written.\n"
            "  mend: take the table out, or write all the same with --force"
        )


def _settings(contracts: Sequence[str], target: str) -> str:
    listed = "\n".join(f"    {json.dumps(name, ensure_ascii=False)}," for name in contracts)
    address = f"target = {json.dumps(target)}" if target else '# target = "http://127.0.0.1:8080"'
    return _template("ackord.toml").replace("@CONTRACTS@", listed).replace("@TARGET@", address)


def _template(name: str) -> str:
    text = files("ackord.project").joinpath("templates", name).read_text(encoding="utf-8")
    return text.replace("@VERSION@", __version__)
