"""Secrets that must never come out, and what looks for them: in files, in what is printed, in the list of processes."""

from __future__ import annotations

import base64
import html
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote_plus

__all__ = ["assert_hidden", "forms_of", "watched"]


def forms_of(text: str) -> Iterator[str]:
    """The text, and what it says once it is decoded as pages, addresses and logs are."""
    yield text
    yield unquote_plus(text)
    yield html.unescape(text)
    yield re.sub(r"\s+", "", text)
    yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def assert_hidden(text: str, canary: str, where: str) -> None:
    """Assert that neither the canary, nor its first twelve characters, is in ``text`` in any spelling."""
    for form in forms_of(text):
        assert canary not in form, where
        assert canary[:12] not in form, f"{where}: a part of it"
    assert canary.encode().hex() not in text.lower(), where
    for before in ("", "u", "us", "user:", "Bearer ", "xx"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(f"{before}{canary}".encode()).decode()
            assert encoded[8:-6] not in text, where


class Watch:
    """What stood in the command lines of all processes, and in the small files of a folder, while something ran."""

    def __init__(self, folder: Path) -> None:
        self.commands: set[str] = set()
        self.files: dict[Path, str] = {}
        """As they were last seen: most are gone at the end."""
        self._folder = folder

    def look(self) -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.commands.add(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue
        for path in self._folder.rglob("*"):
            try:
                if path.is_file() and path.stat().st_size < 1 << 20 and "pgdata" not in path.parts:
                    self.files[path] = path.read_text(errors="replace")
            except OSError:
                continue

    def texts(self) -> Iterable[tuple[str, str]]:
        """What was seen, and where."""
        yield from ((command, "the list of processes") for command in self.commands)
        yield from ((text, str(path)) for path, text in self.files.items())


@contextmanager
def watched(folder: Path) -> Iterator[Watch]:
    """Look again and again while the context is entered, and once at its end."""
    watch, over = Watch(folder), threading.Event()

    def keep_looking() -> None:
        while not over.wait(0.25):
            watch.look()

    thread = threading.Thread(target=keep_looking)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
        watch.look()
