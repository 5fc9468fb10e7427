"""Every error that Ackord raises on purpose.

    AckordError
    ├── UsageError            the user's input is wrong (exit 2)
    │   ├── FileError         ... in a file: says where (file:line), what was expected, how to mend it
    │   └── UnknownNameError  a name that no registry knows, with the nearest ones
    ├── EnvironmentFailed     a part did not start or went away: PostgreSQL, the gateway, the provider (exit 4)
    └── JournalError          a journal that cannot be judged at all

An answer of the provider that cannot be read is not an error: it is the observation ``UNREADABLE``.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from .masking import mask

__all__ = [
    "AckordError",
    "EnvironmentFailed",
    "FileError",
    "JournalError",
    "UnknownNameError",
    "UsageError",
    "did_you_mean",
    "dotted",
    "in_one_line",
    "unwritable",
]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean "x"?`` for the nearest of ``known``, or an empty string."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def dotted(path: tuple[str | int, ...]) -> str:
    """``("submit", "answers", 0)`` as ``submit.answers[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class AckordError(Exception):
    """The root: whoever calls Ackord as a library needs to catch only this. Its text shows no secret."""

    exit_code = 4

    def __str__(self) -> str:
        return mask(super().__str__())


class UsageError(AckordError):
    """The user's input is wrong; the message says what was expected and how to mend it."""

    exit_code = 2


_CONTROL = {code: chr(code).encode("unicode_escape").decode() for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}


def in_one_line(text: str) -> str:
    """Show line breaks and other control characters as escapes: what a file or a peer says may hold any."""
    return text.translate(_CONTROL)


class FileError(UsageError):
    """Something is wrong in a file.

    The text reads ``path:line: what is wrong. Expected ... Mend: ...``; ``line`` is 1-based, ``None`` for the whole
    file.
    """

    def __init__(self, path: Path | str, line: int | None, problem: str, *, expected: str = "", mend: str = "") -> None:
        self.path = Path(path)
        self.line = line
        self.problem = problem = in_one_line(problem)
        self.expected = expected
        self.mend = mend
        place = f"{path}:{line}" if line is not None else f"{path}"
        parts = [f"{place}: {problem}"]
        if expected:
            parts.append(f"  expected: {expected}")
        if mend:
            parts.append(f"  mend: {mend}")
        super().__init__("\n".join(parts))

    def __reduce__(self) -> tuple[object, ...]:
        """Go from a worker process to the one that tells the user."""
        return partial(FileError, expected=self.expected, mend=self.mend), (self.path, self.line, self.problem)


class UnknownNameError(UsageError):
    """A name that no registry knows."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, mend: str = "") -> None:
        known = sorted(known)
        self.kind = kind
        self.name = name
        told = f"Known: {', '.join(known)}" if known else "There is none at all."
        if not mend and len(parts := [part.strip() for part in name.split(",")]) > 1 and set(parts) & set(known):
            mend = f"these are {len(parts)} names: give each of them by itself, with the option in front"
        super().__init__(
            f'no {kind} is called "{in_one_line(name)}".{did_you_mean(name, known)} {told}'
            + (f"\n  mend: {mend}" if mend else "")
        )


class EnvironmentFailed(AckordError):
    """A part of the run's surroundings did not start, went away, or cannot be reached."""

    exit_code = 4


class JournalError(AckordError):
    """A journal that cannot be judged: it has no readable header, or is of an unknown version."""

    exit_code = 2


_DISK_FAILED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def unwritable(path: Path, what: str, error: OSError, *, mend: str = "choose another folder with --out") -> AckordError:
    """Return the error for a file that cannot be written: ``EnvironmentFailed`` if the disk failed or is full, else
    ``FileError``.
    """
    problem = f"{what} cannot be written: {error.strerror or error}"
    if error.errno in _DISK_FAILED:
        return EnvironmentFailed(f"{path}: {problem}\n  mend: free some space, or {mend}")
    return FileError(path, None, problem, mend=mend)
