"""Parses examples from a file of two curl commands, a submit and a query, each optionally followed by its answer in
JSON.
"""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from ...errors import FileError
from ..base.http_messages import HttpRequest, HttpResponse
from .value_roles import ExampleExchange

__all__ = ["read_curl"]

_WITH_VALUE = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "-d": "data", "--data": "data",
    "--data-raw": "data", "--data-binary": "data", "--data-ascii": "data", "--data-urlencode": "data", "--json": "json",
    "-u": "user", "--user": "user", "--url": "url",
}  # fmt: skip
_OTHER_VALUES = frozenset(
    "-o --output -A --user-agent -e --referer -m --max-time --connect-timeout --cacert -b --cookie -w "
    "--write-out -F --form".split()
)


def read_curl(path: Path) -> tuple[ExampleExchange, ExampleExchange]:
    """Return submit and query. Raises ``FileError``."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(path, None, f"cannot be read: {error}", expected="two curl commands in text") from None
    examples = [_example(path, line, chunk) for line, chunk in _commands(text)]
    writes = [example for example in examples if example.request.method != "GET"]
    reads = [example for example in examples if example.request.method == "GET"]
    if len(writes) == 2 and not reads:  # an API whose queries are POSTs: the second one asks
        return writes[0], writes[1]
    if not writes or not reads:
        raise FileError(
            path, None, f"there are {len(writes)} commands that submit and {len(reads)} that query",
            expected="one curl command with a body, and one GET (or a second one with a body, that asks)",
            mend="add the other one",
        )  # fmt: skip
    return writes[0], reads[0]


def _commands(text: str) -> list[tuple[int, str]]:
    """Return each command with the text after it, and its line."""
    found: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().removeprefix("$ ").startswith("curl "):
            found.append((number, []))
        if found:
            found[-1][1].append(line)
    return [(number, "\n".join(lines)) for number, lines in found]


def _example(path: Path, line: int, chunk: str) -> ExampleExchange:
    command, answer = _parted(chunk)
    try:
        words = shlex.split(command.strip().removeprefix("$ "), comments=False)[1:]
    except ValueError as error:
        raise FileError(path, line, f"this command cannot be taken apart: {error}", mend="close its quotes") from None
    given: dict[str, list[str]] = {}
    get = False
    iterator = iter(words)
    for word in iterator:
        name, equals, value = word.partition("=")
        if name in _WITH_VALUE and equals and name.startswith("--"):
            given.setdefault(_WITH_VALUE[name], []).append(value)
        elif word in _WITH_VALUE:
            given.setdefault(_WITH_VALUE[word], []).append(next(iterator, ""))
        elif word[:2] in ("-X", "-H", "-d", "-u") and len(word) > 2:
            given.setdefault(_WITH_VALUE[word[:2]], []).append(word[2:])
        elif word in _OTHER_VALUES:
            next(iterator, "")
        elif word in ("-G", "--get"):
            get = True
        elif not word.startswith("-"):
            given.setdefault("url", []).append(word)
    if "url" not in given:
        raise FileError(
            path, line, "this command has no address", expected="curl https://api.example.com/v1/orders ..."
        )
    return _made(given, get, answer)


def _made(given: dict[str, list[str]], get: bool, answer: HttpResponse | None) -> ExampleExchange:
    url = given["url"][0]
    parts = urlsplit(url if "://" in url else f"http://{url}")
    headers = [tuple(map(str.strip, header.split(":", 1))) for header in given.get("header", []) if ":" in header]
    names = {name.lower() for name, _ in headers}
    data = "&".join(given.get("data", [])) or "".join(given.get("json", []))
    if data and not get and "content-type" not in names:
        kind = "application/json" if "json" in given else "application/x-www-form-urlencoded"
        headers.append(("Content-Type", kind))
    if user := given.get("user"):
        headers.append(("Authorization", f"Basic {base64.b64encode(user[0].encode()).decode()}"))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if get and data:
        target += ("&" if parts.query else "?") + data
    method = given.get("method", ["POST" if data and not get else "GET"])[0].upper()
    origin = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
    sent = tuple((name, value) for name, value in headers)
    return ExampleExchange(origin, HttpRequest(method, target, sent, b"" if get else data.encode()), answer)


def _parted(chunk: str) -> tuple[str, HttpResponse | None]:
    """Split a command from the JSON after it, whose status code is unknown."""
    lines = chunk.splitlines()
    for index in range(1, len(lines)):
        rest = "\n".join(line for line in lines[index:] if not line.lstrip().startswith("#")).strip()
        if rest.startswith(("{", "[")):
            try:
                json.loads(rest)
            except ValueError:
                continue
            return "\n".join(lines[:index]), HttpResponse(0, {}, rest.encode())
    kept = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            break
        kept.append(line)
    return "\n".join(kept), None
