"""Where contracts and chaos profiles are: a path, or the name of one that comes with Ackord."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import FileError, UnknownNameError
from .codec import Codec, TemplateProblem, compile_contract
from .document import Document, read, validate
from .explain import dotted
from .model import Contract

__all__ = ["LoadedContract", "load", "locate", "names", "shipped"]

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class LoadedContract:
    """A contract that is sound, its file, and its compiled form."""

    contract: Contract
    codec: Codec
    document: Document
    """The file's data and lines: ``document.error(path, ...)`` makes an error that points into it."""

    @property
    def path(self) -> Path:
        return self.document.path


def shipped(folder: str) -> Path:
    """The folder ``contracts`` or ``chaos_profiles``: in an installed package, or at the root of a checkout."""
    installed = _PACKAGE / "_shipped" / folder
    return installed if installed.is_dir() else _PACKAGE.parent.parent / folder


def names(folder: str) -> list[str]:
    """What comes with Ackord: names of files without their ending; those that begin with an underscore are templates."""
    return sorted(path.stem for path in shipped(folder).glob("*.yaml") if not path.name.startswith("_"))


def locate(kind: str, folder: str, name_or_path: str | Path) -> Path:
    """The file that is meant. Raises ``UnknownNameError`` for a name, ``FileError`` for a path that is not there."""
    path = Path(name_or_path)
    looks_like_path = isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml") or "/" in name_or_path
    if not looks_like_path:
        known = names(folder)
        if str(name_or_path) not in known:
            raise UnknownNameError(kind, str(name_or_path), known)
        return shipped(folder) / f"{name_or_path}.yaml"
    if not path.is_file():
        raise FileError(
            path,
            None,
            "there is no such file",
            mend=f"check the path, or give a {kind} by name: {', '.join(names(folder))}",
        )
    return path


def load(name_or_path: str | Path, *, env: Mapping[str, str] | None = None) -> LoadedContract:
    """Find, read, check and compile a contract. Raises ``UnknownNameError`` or ``FileError``."""
    document = read(locate("contract", "contracts", name_or_path), env=env)
    contract = validate(document, Contract)
    try:
        codec = compile_contract(contract)
    except TemplateProblem as error:
        problem = f'"{dotted(error.path)}": {error.problem}'
        raise document.error(error.path, problem, expected=error.expected, mend=error.mend) from None
    return LoadedContract(contract, codec, document)
