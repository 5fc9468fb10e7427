"""Prepares the folder of a run's evidence: what an earlier run left there goes, and the contract is put beside."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

from ..contract.loading.loader import LoadedContract, shipped
from ..contract.loading.written_secrets import written_secrets
from ..errors import FileError, UsageError, dotted
from ..report.files import write_file
from ..report.report_registry import REPORTS, load_report_plugins

__all__ = [
    "CONTRACT_FILE",
    "begin_evidence",
    "clear_evidence",
    "contract_digest",
    "keep_contract",
    "unused_folder",
    "why_not_kept",
]

CONTRACT_FILE = "run-contract.yaml"
"""The name of the contract's copy in the folder of a run: one that nobody gives to a contract of their own."""
_claimed: set[tuple[int, int]] = set()
"""Device and inode of the folders that this process has locked; their descriptors stay open until it ends."""


def unused_folder(name: str) -> Path:
    """Return ``ackord-out/NAME``, or ``ackord-out/NAME-2``, ... where evidence is: a repeated run writes beside."""
    folder = Path("ackord-out") / name
    number = 1
    while any(folder.glob("*/journal.jsonl")) or any(folder.glob("*/*/journal.jsonl")):
        number += 1
        folder = folder.with_name(f"{name}-{number}")
    return folder


def begin_evidence(out: Path, *, keep: Path | None = None) -> None:
    """Claim ``out`` for this process until it ends, and remove what an earlier run wrote there.

    The claim is a lock on the folder itself, so it leaves no file and ends with the process, however that ends.
    Raises ``UsageError`` if another run writes there now; ``FileError`` as ``clear_evidence`` does.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        problem = f"this is no folder that can be written: {error.strerror}"
        raise FileError(out, None, problem, mend="choose another folder with --out") from error
    identity = (os.fstat(folder).st_dev, os.fstat(folder).st_ino)
    try:
        if identity not in _claimed:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _claimed.add(identity)
            folder = -1
    except BlockingIOError:
        raise UsageError(
            f"another run is writing its evidence into {out}.\n  mend: wait for its end, or choose another --out"
        ) from None
    except OSError:
        pass  # a file system without locks
    finally:
        if folder >= 0:
            os.close(folder)
    clear_evidence(out, keep=keep)


def clear_evidence(out: Path, *, keep: Path | None = None) -> None:
    """Remove what an earlier run wrote below ``out``, so that no old verdict stands beside a new run.

    Only files that Ackord names are removed, and never ``keep``: the contract of the new run, which may be the copy
    that an earlier one left there. Raises ``FileError`` for one that cannot be removed.
    """
    load_report_plugins()
    stale = [out / report.file for report in REPORTS if report.file]
    stale += [out / CONTRACT_FILE, *out.glob("*/journal.jsonl"), *out.glob("*/command.log")]
    for path in stale:
        if keep is not None and path.resolve() == keep.resolve():
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            problem = f"the result of an earlier run cannot be removed: {error.strerror}"
            raise FileError(path, None, problem, mend="remove it, or choose another folder with --out") from error
        with contextlib.suppress(OSError):
            if path.parent != out:
                path.parent.rmdir()  # refused if anything else is in it


def contract_digest(loaded: LoadedContract) -> str:
    """The SHA-256 of the contract's file; empty if it is gone."""
    with contextlib.suppress(OSError):
        return hashlib.sha256(loaded.path.read_bytes()).hexdigest()
    return ""


def keep_contract(loaded: LoadedContract, out: Path) -> None:
    """Copy the contract into ``out``, so that others can judge the evidence by it.

    A contract in which a secret may be written out is not copied; ``why_not_kept`` tells. Raises ``FileError`` for a
    folder that cannot be written.
    """
    if not why_not_kept(loaded):
        write_file(out / CONTRACT_FILE, loaded.path.read_bytes())


def why_not_kept(loaded: LoadedContract) -> str:
    """Return why a contract of the user's is not put beside the evidence, with file and line; empty if it is."""
    document = loaded.document
    if shipped("contracts") in loaded.path.parents:
        return ""
    for path, _ in written_secrets(document):
        return (
            f"{loaded.path}:{document.position(path).line}: {dotted(path)} may be a secret that is written out, so "
            "the contract was not put beside the evidence, and audit needs it by --contract (mend: write "
            "${env:NAME} there)"
        )
    return ""
