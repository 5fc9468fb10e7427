"""Fetches one page or file of a statement onto the disk: renders, signs, paces, retries, follows the link to a file.

A link that no longer works is asked for again. Whatever comes is written aside and renamed once it is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..client.pacing import Pace
from ..client.provider_client import ProviderClient
from ..client.transport import NoResponse
from ..client.transport_httpx import HttpxTransport
from ..contract.base.body_parsing import UnreadableBody, text_of
from ..contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..contract.base.json_path import MISSING
from ..contract.base.periods import Period
from ..contract.body import JSON, encoding_at
from ..contract.body.conditions import all_hold
from ..contract.body.selectors import compile_selector
from ..contract.codec.codec import RequestContext, ResponseContext
from ..contract.codec.request_renderer import RequestRenderError
from ..contract.spec.places import as_selector, form_of_rows
from ..contract.spec.statement import StatementSpec
from ..errors import dotted
from .outcomes import LateStatement, UnreachableStatement
from .partitions import PullPartition

__all__ = ["MOST_PAGE_BYTES", "FetchedPart", "StatementFetcher"]

MOST_PAGE_BYTES = 1 << 26
"""Of a page in JSON or XML, which is read as a whole."""
_MOST_FILE_BYTES = 1 << 38
_MOST_TOLD_BYTES = 1 << 16
"""Of an answer that says something about the statement instead of being it."""
_TRIES = 6
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
_LINKS = 3
"""How often a new link is asked for."""
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_EXPIRED = frozenset({400, 401, 403, 404, 410})


class FetchedPart(NamedTuple):
    """One page or file that came whole, on the disk."""

    name: str
    """As errors call it: ``page 3``, or the file's name."""
    path: Path
    headers: Mapping[str, str]
    sha256: str
    nothing: bool = False
    """The provider says that nothing moved in the period."""
    checksum: str = ""
    """The digest that the provider states for the file; empty if it states none."""


class _Received(NamedTuple):
    answer: HttpResponse
    sha256: str


@dataclass
class StatementFetcher:
    """Fetches for one pull. ``transports`` lead to the provider (the key is empty) and to its ``download_hosts``."""

    client: ProviderClient
    statement: StatementSpec
    origin: str
    transports: Mapping[str, HttpxTransport]
    pace: Pace | None
    pause: Callable[[float], Awaitable[None]]
    idle_ns: int

    def __post_init__(self) -> None:
        part = self.statement
        self._paged = part.rows is not None
        self._form = form_of_rows(part.rows) if part.rows is not None else JSON
        if part.download is not None:
            self._form = encoding_at(as_selector(part.download).at) or JSON
        self._none = None if part.none is None else all_hold(part.none)
        self._not_yet = None if part.not_yet is None else all_hold(part.not_yet)
        self._checksum = None
        if part.checksum is not None:
            self._checksum = compile_selector(as_selector(part.checksum.at))

    async def fetch(self, partition: PullPartition, period: Period, cursor: str | None, path: Path) -> FetchedPart:
        """Fetch what ``cursor`` names into ``path``; ``None`` is the first page, or the file.

        Raises ``LateStatement``, ``UnreachableStatement``, and ``UnreadableBody`` for an answer that is none.
        """
        account = partition.account
        if not await self.client.authorized(account.asks, self.transports[""]):
            raise UnreachableStatement("there is no access token for the statement")
        for _ in range(_LINKS):
            asked: list[HttpRequest] = []

            def render(asked: list[HttpRequest] = asked) -> HttpRequest:
                asked[:] = [self._request(partition, period, cursor)]
                return asked[0]

            direct = self.statement.download is None
            received = await self._receive(self.transports[""], render, path, small=self._paged or not direct)
            if (told := self._told(received.answer, path)) is not None:
                return FetchedPart("the answer", path, {}, received.sha256, nothing=told)
            context = ResponseContext(account=account.asks, request=asked[0], at=self._moment())
            if direct:
                self._check_genuine(received.answer, path, context)
                name = "the page" if self._paged else _file_name(asked[0].target)
                return FetchedPart(name, path, received.answer.headers, received.sha256)
            file = await self._file(received.answer._replace(body=_content(path)), context, path)
            if file is not None:
                return file
        raise UnreadableBody(f"the statement's file could not be fetched by any of {_LINKS} links")

    def _request(self, partition: PullPartition, period: Period, cursor: str | None) -> HttpRequest:
        try:
            request = self.client.codec.statement_page(
                period, partition.account.asks, cursor, RequestContext(self._moment()),
                account_id=partition.account.account_id, part=partition.part,
            )  # fmt: skip
        except RequestRenderError as why:
            raise UnreadableBody(f"the request cannot be made: {dotted(why.path)}: {why}") from None
        return request if self._paged and not self.statement.compressed else _plain(request)

    def _moment(self) -> TimestampNonce:
        unix_s = self.client.unix_s()
        return TimestampNonce(unix_s, f"{unix_s:x}{self.client.recorder.next_aside():x}")

    async def _file(self, answer: HttpResponse, context: ResponseContext, path: Path) -> FetchedPart | None:
        """Fetch the file that an answer names; ``None`` if its link does not work any more."""
        codec = self.client.codec
        checksum = self._stated_checksum(answer)
        elsewhere = ""

        def render() -> HttpRequest:
            nonlocal elsewhere
            file = codec.statement_file(answer, self.origin, context.account, RequestContext(self._moment()), context)
            assert file is not None  # the statement is fetched in two steps
            if file.request is None:
                raise UnreadableBody(file.problem)
            elsewhere = file.origin
            return _plain(file.request)

        name = _file_name(render().target)
        transport = self.transports.get(elsewhere)
        if transport is None:
            raise UnreadableBody(f"the statement's file is at {elsewhere}, where this pull does not go")
        received = await self._receive(transport, render, path, small=False, until=_EXPIRED)
        if received.answer.status in _EXPIRED:
            return None
        return FetchedPart(name, path, received.answer.headers, received.sha256, checksum=checksum)

    def _stated_checksum(self, answer: HttpResponse) -> str:
        if self._checksum is None:
            return ""
        found = text_of(self._checksum(self._form.read(answer), answer.headers, MISSING), "the file's checksum")
        if found is None:
            raise UnreadableBody("the file's checksum is missing in the answer that names the file")
        return found.lower()

    def _told(self, answer: HttpResponse, path: Path) -> bool | None:
        """Return whether an answer says that there is nothing; ``None`` for a statement. Raises ``LateStatement``."""
        success = 200 <= answer.status < 300
        if self._none is not None or self._not_yet is not None:
            body = answer.body
            if success:
                body = path.read_bytes() if path.stat().st_size <= _MOST_TOLD_BYTES else b""
            document: Any = MISSING
            with contextlib.suppress(UnreadableBody):
                document = self._form.read(answer._replace(body=body))
            if self._not_yet is not None and self._not_yet(answer.status, document, answer.headers):
                raise LateStatement("the provider says that it is not made yet")
            if self._none is not None and self._none(answer.status, document, answer.headers):
                return True
        if not success:
            raise UnreadableBody(f"the provider answers with the status {answer.status} (see not_yet and none)")
        return None

    def _check_genuine(self, answer: HttpResponse, path: Path, context: ResponseContext) -> None:
        body = path.read_bytes() if path.stat().st_size <= MOST_PAGE_BYTES else b""
        problem = self.client.codec.problem_of(answer._replace(body=body), context)
        if problem:
            raise UnreadableBody(f"it is not genuine: {problem}")

    async def _receive(
        self,
        transport: HttpxTransport,
        render: Callable[[], HttpRequest],
        path: Path,
        *,
        small: bool,
        until: frozenset[int] = frozenset(),
    ) -> _Received:
        """Write the body of a successful answer to ``path``. An answer with a status in ``until`` is not retried."""
        why = ""
        for attempt in range(_TRIES):
            if self.pace is not None:
                await self.pace.turn()
            digest, aside = hashlib.sha256(), path.with_suffix(".new")
            wait_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)
            try:
                with aside.open("wb") as file:

                    def take(chunk: bytes, digest: Any = digest, file: Any = file) -> None:
                        digest.update(chunk)
                        file.write(chunk)

                    most = MOST_PAGE_BYTES if small else _MOST_FILE_BYTES
                    answer = await transport.receive(render(), take, idle_ns=self.idle_ns, most_bytes=most)
                if answer.status in until or answer.status not in _BUSY or self._means_something(answer):
                    aside.replace(path)
                    return _Received(answer, digest.hexdigest())
                why = f"status {answer.status}"
                said = answer.headers.get("retry-after", "")
                wait_s = min(_LONGEST_PAUSE_S, float(said)) if said.isdecimal() else wait_s
            except NoResponse as error:
                why = str(error)
            if attempt + 1 < _TRIES:
                await self.pause(wait_s)
        raise UnreachableStatement(f"{why}, after {_TRIES} tries")

    def _means_something(self, answer: HttpResponse) -> bool:
        """Whether the contract has a meaning for a status that otherwise says to come again."""
        for holds in (self._none, self._not_yet):
            if holds is not None:
                try:
                    document = self._form.read(answer)
                except UnreadableBody:
                    document = MISSING
                if holds(answer.status, document, answer.headers):
                    return True
        return False


def _plain(request: HttpRequest) -> HttpRequest:
    """Ask for what the contract says is packed, or is a file, as it is: its packing is not the connection's."""
    return request._replace(headers=(*request.headers, ("accept-encoding", "identity")))


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _file_name(target: str) -> str:
    return target.partition("?")[0].rpartition("/")[2] or "the file"
