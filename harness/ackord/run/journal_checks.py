"""Checks a journal against its contract, and says what could not be checked of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..contract.loading.loader import LoadedContract, PlaceholderEnv, contract_names, load_contract
from ..core.run_header import RunHeader
from ..errors import FileError
from .evidence import CONTRACT_FILE, contract_digest
from .reread import Reread

__all__ = ["check_contract", "contract_beside", "edited", "unchecked"]

_RESTORE = "restore the file as it was written; a journal that was edited proves nothing"


def edited(path: Path, index: int, problem: str) -> FileError:
    """Return the error of a journal that was edited. ``index`` is the event's; the header is line 1."""
    return FileError(path, index + 2, problem, mend=_RESTORE)


def contract_beside(path: Path, header: RunHeader) -> LoadedContract | None:
    """Return the copy of the contract in the folder of the run, or the shipped contract that the run had; ``None``:
    neither.

    Raises ``FileError`` for a copy that cannot be read.
    """
    copy = path.resolve().parent.parent / CONTRACT_FILE
    env = PlaceholderEnv(os.environ)
    if copy.is_file():
        return load_contract(copy, env=env)
    name = header.contract
    shipped_one = load_contract(name, env=env) if name in contract_names("contracts") else None
    if shipped_one is not None and contract_digest(shipped_one) == header.contract_sha256:
        return shipped_one
    return None


def check_contract(path: Path, header: RunHeader, loaded: LoadedContract) -> None:
    """Raise ``FileError`` if a contract is not the one of a journal."""
    if contract_digest(loaded) != header.contract_sha256:
        raise FileError(
            loaded.path,
            None,
            f"this is not the contract of {path}: its SHA-256 is another one than the journal's header has",
            mend="give the contract as it was when the run was made",
        )
    if loaded.codec.promises != header.promises:
        raise FileError(path, 1, "the header promises otherwise than its contract", mend=_RESTORE)


def unchecked(path: Path, again: Reread | None) -> Iterator[str]:
    """Yield what could not be checked of a journal whose answers were read again; ``None``: there was no contract.

    Raises ``FileError`` for a reading that does not follow from its bytes.
    """
    if again is None:
        yield (
            f"{path.name} was judged as it stands: its contract is not here, so its readings were not compared with "
            "the raw answers (--contract FILE)"
        )
        return
    if again.problem is not None:
        raise edited(path, *again.problem)
    for why, count in again.skipped.items():
        yield f"{count} of {again.compared + count} raw answers were not read again: {why}"
