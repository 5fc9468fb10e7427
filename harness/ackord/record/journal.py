"""Writes and reads the journal: one run as JSON lines, from which the run can be judged again.

The first line is the header, then one line for each event in the order of recording, and last a footer with the number
of events and the SHA-256 of all bytes before it. Each line ends with ``chain``, a hash of the line and of the chain
before it, so that the first line that was edited, dropped or moved is found even without a footer. A journal without
its footer was cut off (kill -9, a full disk); it is read up to the last whole line and marked incomplete. A line in the
middle that is no event is an error, not a cut: the file was edited or damaged, and judging it would prove nothing.

The hashes have no key. Whoever rewrites all of them is found only by what must agree (``consistency``) and by reading
the raw answers again (``ackord audit``); a run that was made up as a whole is not.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core.event import Event, event_from_json, event_to_json
from ..core.history import History, RunHeader
from ..errors import FileError, JournalError, unwritable
from ..masking import mask_data, may_hold_secret

__all__ = ["VERSION", "JournalFile", "JournalReader", "JournalWriter", "read_journal"]

VERSION = 2
_FLUSH_EVERY = 256
_LINK = b',"chain":"'
_TAIL_BYTES = len(_LINK) + 16 + len(b'"}')


class JournalWriter:
    """Appends events. ``close()`` writes the footer; after ``abandon()`` the journal counts as cut off."""

    def __init__(self, path: Path, header: RunHeader) -> None:
        """Open the file. Raises ``FileError``, or ``EnvironmentFailed`` on a full disk."""
        self.path = path
        self.events = 0
        self._digest = hashlib.sha256()
        self._chain = b""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=io.DEFAULT_BUFFER_SIZE * 8)
        except OSError as error:
            raise unwritable(path, "the journal", error) from error
        self._write({"ackord": "journal", "version": VERSION, "header": header.to_json()})
        self._file.flush()

    def _write(self, data: dict[str, Any]) -> None:
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        if may_hold_secret(text):
            text = json.dumps(mask_data(data), separators=(",", ":"), ensure_ascii=False)
        body = text.encode()[:-1]
        self._chain = _chained(self._chain, body)
        line = body + _LINK + self._chain + b'"}\n'
        self._digest.update(line)
        try:
            self._file.write(line)
        except OSError as error:
            raise unwritable(self.path, "the journal", error) from error

    def add(self, event: Event) -> None:
        """Append an event. Raises ``EnvironmentFailed`` when the file cannot be written, such as on a full disk."""
        self._write(event_to_json(event))
        self.events += 1
        if self.events % _FLUSH_EVERY == 0:
            try:
                self._file.flush()
            except OSError as error:
                raise unwritable(self.path, "the journal", error) from error

    def close(self) -> None:
        """Write the footer. Raises ``EnvironmentFailed`` when it cannot be written."""
        if not self._file.closed:
            self._write({"e": "footer", "events": self.events, "sha256": self._digest.hexdigest()})
            try:
                self._file.close()
            except OSError as error:
                raise unwritable(self.path, "the journal", error) from error

    def abandon(self) -> None:
        """Flush, as far as the disk lets it, without writing a footer."""
        with contextlib.suppress(OSError):
            self._file.close()


def _chained(before: bytes, body: bytes) -> bytes:
    """The chain after a line: 16 hexadecimal digits. ``body`` is the line without its closing brace."""
    return hashlib.blake2b(before + body, digest_size=8).hexdigest().encode()


def read_journal(path: Path | str) -> History:
    """Read a journal back. ``History.complete`` is false if the run was cut off.

    Raises ``JournalError`` if it has no readable header or is of another version, ``FileError`` (with the line) if a
    whole line is no event, or if the footer's count or digest do not fit.
    """
    with JournalFile(Path(path)) as journal:
        events = list(journal.events())
        return History(journal.header, events, complete=journal.ended)


class JournalFile:
    """A journal that is read from the disk line by line, once; used as a context."""

    def __init__(self, path: Path) -> None:
        """Open it and read its header. Raises as ``read_journal`` does."""
        self._path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise self._unreadable(error) from error
        try:
            self._reader = JournalReader(path, self._file.readline().removesuffix(b"\n"))
        except OSError as error:
            raise self._unreadable(error) from error
        except BaseException:
            self._file.close()
            raise
        self.header = self._reader.header

    @property
    def ended(self) -> bool:
        """Whether the footer was read."""
        return self._reader.ended

    @property
    def read_bytes(self) -> int:
        """How many bytes were read."""
        return self._file.tell()

    def events(self) -> Iterator[Event]:
        """Yield the events until the footer, or the last whole line. Raises ``FileError`` as ``read_journal`` does."""
        reader = self._reader
        try:
            while line := self._file.readline():
                if not line.endswith(b"\n") and not reader.ended:
                    return  # it was cut off here
                event = reader.event(line.removesuffix(b"\n"))
                if event is not None:
                    yield event
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> FileError:
        path = self._path
        mend = f"name one of its profiles' journals: {path / '*' / 'journal.jsonl'}" if path.is_dir() else ""
        problem = f"cannot be read: {error.strerror}"
        return FileError(path, None, problem, expected="a journal.jsonl of a run", mend=mend)

    def __enter__(self) -> JournalFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


class JournalReader:
    """Reads a journal line by line, as it may still be growing."""

    def __init__(self, path: Path, first: bytes) -> None:
        """``first`` is the line of the header, without its end. Raises as ``read_journal`` does."""
        self._path = path
        self.header = _header(path, first)
        self.ended = False
        """Whether the footer was read."""
        self._number = 1
        self._events = 0
        self._chain = _check_chain(path, 1, b"", first)
        self._digest = hashlib.sha256(first + b"\n")

    def event(self, line: bytes) -> Event | None:
        """Return the event of the next whole line; ``None`` for the footer. Raises ``FileError``."""
        self._number += 1
        if self.ended:
            raise FileError(
                self._path,
                self._number,
                "something stands behind the footer",
                mend="restore the file as it was written",
            )
        try:
            data = json.loads(line)
            self._chain = _check_chain(self._path, self._number, self._chain, line)
            del data["chain"]
            if data["e"] == "footer":
                _check_footer(self._path, self._number, data, self._events, self._digest.hexdigest())
                self.ended = True
                return None
            event = event_from_json(data)
        except (ValueError, KeyError, TypeError) as error:
            raise FileError(
                self._path,
                self._number,
                f"this line is not an event: {_why(error)}",
                expected="a line as Ackord wrote it",
                mend="restore the file; a journal that was edited proves nothing",
            ) from error
        self._events += 1
        self._digest.update(line + b"\n")
        return event


def _why(error: Exception) -> str:
    """Return in words of the file, not of Python, why a line is no event."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON: {error.msg}, at column {error.colno}"
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]!r}"
    return str(error) or error.__class__.__name__


def _check_chain(path: Path, number: int, before: bytes, line: bytes) -> bytes:
    """Return the chain after the line. Raises ``FileError`` if it does not follow from the lines before it."""
    body, chain = line[:-_TAIL_BYTES], line[-18:-2]
    if converted := _conversion(line):
        raise FileError(
            path,
            number,
            f"this line was converted: {converted}, and Ackord writes none",
            mend="copy it as it was written; in Git, a line `journal.jsonl -text` in .gitattributes keeps it so",
        )
    if line[-_TAIL_BYTES:-18] != _LINK or chain != _chained(before, body):
        raise FileError(
            path,
            number,
            "this line does not follow from the one before it: one of them was edited, dropped or moved",
            mend="restore the file as it was written; a journal that was edited proves nothing",
        )
    return chain


def _conversion(line: bytes) -> str:
    """Return by what a program that converts texts gives itself away in a line; empty: by nothing."""
    if line.startswith(codecs.BOM_UTF8):
        return "it begins with a byte order mark"
    return "it ends with a carriage return (CR LF)" if line.endswith(b"\r") else ""


def _foreign(line: bytes) -> str:
    """Return what a file that is no journal is instead, by its first line; empty: nobody knows."""
    if not line:
        return "it is empty"
    if line.startswith(b"\x1f\x8b"):
        return "it is compressed with gzip"
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it is UTF-16 text, and a journal is UTF-8 without a byte order mark"
    return ""


def _header(path: Path, line: bytes) -> RunHeader:
    foreign = _foreign(line)
    try:
        if foreign:
            raise ValueError(foreign)
        data = json.loads(line)
        if data["ackord"] != "journal":
            raise KeyError("ackord")
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(
            f"{path}:1: this is not an Ackord journal{': ' if foreign else ''}{foreign}.\n  expected: a first line "
            f'{{"ackord":"journal","version":{VERSION},"header":{{...}}}}\n'
            "  mend: give the journal.jsonl that a run wrote under its --out folder"
        ) from error
    if data.get("version") != VERSION:
        raise JournalError(
            f"{path}:1: this journal is of version {data.get('version')!r}; this Ackord reads version {VERSION}.\n"
            "  mend: judge it with the Ackord that wrote it"
        )
    try:
        return RunHeader.from_json(data["header"])
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(f"{path}:1: the header is damaged ({error.__class__.__name__}: {error})") from error


def _check_footer(path: Path, number: int, footer: dict[str, Any], events: int, digest: str) -> None:
    if footer.get("events") != events or footer.get("sha256") != digest:
        raise FileError(
            path,
            number,
            f"the footer does not fit: it states {footer.get('events')} events, the file holds {events}"
            if footer.get("events") != events
            else "the digest in the footer does not fit the lines above it",
            mend="restore the file; a journal that was edited proves nothing",
        )
