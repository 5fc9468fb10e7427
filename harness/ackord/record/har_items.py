"""Reads the entries of a HAR one after another, so that memory holds one of them, however large the file is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import ijson  # type: ignore[import-untyped]
from ijson.common import ObjectBuilder  # type: ignore[import-untyped]

from ..errors import FileError

__all__ = ["MOST_LEVELS", "har_items"]

MOST_LEVELS = 500
"""Objects and lists within one another; HAR needs a dozen. Python itself gives up at some thousand."""
_BUFFER_BYTES = 1 << 16
_TOLD_EVERY = 1000
_BOM = b"\xef\xbb\xbf"
_EXPECTED = 'a HAR 1.2 file: {"log": {"entries": [...]}}'
_PLACE = ["log", "entries"]
_BEGINS, _ENDS = frozenset({"start_map", "start_array"}), frozenset({"end_map", "end_array"})
_AT_THE_END = re.compile(r"error: [^\n]+\n *\n")
"""What ijson says where no text follows the bad place: a word or a number was cut."""
_SAID = re.compile(r"(?:lexical|parse) error: ([^\n\\]+?)\.?(?:\n|\\n)")


def har_items(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[Any]:
    """Yield ``log.entries`` as they stand, as ``json.loads`` would give them, but fractions as ``Decimal``.

    ``progress`` is told how many bytes are read. Raises ``FileError`` for what cannot be read, is cut off, is no JSON,
    or has no ``log.entries``; entries before the bad place were yielded by then.
    """
    told = progress or (lambda _: None)
    entries = _Entries()
    try:
        with path.open("rb") as file:
            if file.read(len(_BOM)) != _BOM:
                file.seek(0)
            for item in _items(entries, file):
                yield item
                if entries.number % _TOLD_EVERY == 0:
                    told(file.tell())
    except OSError as error:
        raise FileError(path, None, f"cannot be read: {error.strerror}", expected=_EXPECTED) from error
    except (ijson.JSONError, UnicodeError) as error:
        problem = _problem(error, entries.where)
        raise FileError(path, None, problem, expected=_EXPECTED, mend="export it again") from None
    except (ValueError, SystemError):  # what int() raises, as it is or hidden by ijson, which then keeps the place, too
        problem = f"a number has more digits than can be read, {entries.where} or later"
        raise FileError(path, None, problem, expected=_EXPECTED, mend="export it again") from None
    except _TooDeep:
        problem = f"JSON is nested deeper than {MOST_LEVELS} levels {entries.where}"
        raise FileError(path, None, problem, expected=_EXPECTED, mend="export it again") from None
    if not entries.found:
        raise FileError(path, None, "there are no log.entries in it", expected=_EXPECTED, mend="export it as HAR")


class _TooDeep(Exception):
    """More levels than ``MOST_LEVELS``."""


class _Entries:
    """How far the entries are read."""

    def __init__(self) -> None:
        self.found = False
        self.number = 0
        """Entries begun."""
        self.inside = False
        """Whether the latest of them is not at its end."""

    @property
    def where(self) -> str:
        if self.inside:
            return f"in entry {self.number:,}"
        return f"after entry {self.number:,}" if self.number else "before the first entry"


def _items(entries: _Entries, file: BinaryIO) -> Iterator[Any]:
    """Yield the entries. What stands elsewhere is parsed and not kept."""
    open_keys: list[str | None] = []
    """The latest key of each open object, ``None`` for a list, from the outermost."""
    builder: ObjectBuilder | None = None
    within = False
    for event, value in ijson.basic_parse(file, buf_size=_BUFFER_BYTES):
        if event in _ENDS:
            open_keys.pop()
            within = within and len(open_keys) > len(_PLACE)
        if within:
            if builder is None:
                entries.number += 1
                builder, entries.inside = ObjectBuilder(), True
            builder.event(event, value)
        if event in _BEGINS:
            if len(open_keys) == MOST_LEVELS:
                raise _TooDeep
            if event == "start_array" and open_keys == _PLACE:
                within = entries.found = True
            open_keys.append("" if event == "start_map" else None)
        elif event == "map_key":
            open_keys[-1] = value
        if builder is not None and len(open_keys) == len(_PLACE) + 1:
            item, builder, entries.inside = builder.value, None, False
            yield item


def _problem(error: Exception, where: str) -> str:
    said = str(error)
    if "premature EOF" in said or "Incomplete" in said or _AT_THE_END.search(said):
        return f"the file is cut off {where}"
    match = _SAID.search(said)
    return f"this is not JSON{f': {match[1]}' if match else ''} ({where})"
