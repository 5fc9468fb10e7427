"""Read callbacks: find the contract's callback that a provider's request matches, its order, and its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from ...core.operation import Observation
from ..base.body_parsing import UnreadableBody, text_of
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..base.json_path import MISSING
from ..base.template_match import PathPattern, RequestMismatch
from ..body.selectors import SelectorGetter, compile_selector
from ..signing import MerchantSide
from ..spec.body_formats import body_format
from ..spec.callbacks import Callback
from ..spec.model import Contract
from ..spec.places import as_selector
from .response_reader import Interpretation, OrderRows, ResponseContext, ResponseReader, unreadable

__all__ = ["CallbackReader", "ReceivedCallback"]

_VARIABLES = ("order_no", "provider_id")
_UNSIGNED = HttpRequest("POST", "/", (), b"")


class ReceivedCallback(NamedTuple):
    """What the provider called about."""

    name: str
    """The callback's name in the contract."""
    account: str
    """Whose order: the account that the address names (``/main/...``), or whose keys the call is signed with."""
    order_no: str
    """Empty if it could not be seen."""
    reading: Interpretation
    ends_query: bool
    reply: HttpResponse
    """What it is answered."""
    further: tuple[ReceivedCallback, ...] = ()
    """Further events in the same call."""
    problem: str = ""
    """Why it is not genuine; empty: it is, or callbacks are not signed."""


class CallbackReader:
    """All callbacks of a contract; safe to share between threads."""

    def __init__(self, contract: Contract, merchants: Mapping[str, MerchantSide]) -> None:
        self._merchants = merchants
        self._signed = [name for name, side in merchants.items() if side.problem_of_callback(_UNSIGNED)]
        """Accounts that are called back with a signature."""
        self._callbacks = [
            _CompiledCallback(callback, contract, index) for index, callback in enumerate(contract.callbacks)
        ]

    def reader(self, name: str) -> ResponseReader:
        """Return the reader of a callback's bodies, for any signer. Raises ``KeyError`` for an unknown callback."""
        return {callback.name: callback.reader for callback in self._callbacks}[name]

    def read(
        self, request: HttpRequest, numbers: Mapping[str, str], at: TimestampNonce | None = None
    ) -> ReceivedCallback | None:
        """Parse a callback. Returns ``None`` if no callback of the contract matches. Never raises on provider input.

        ``at``: arrival time, for signatures that expire. ``numbers``: order numbers by the provider's identifiers. A
        callback whose signature does not verify with the account's keys is UNREADABLE, and is refused with 401.
        """
        named, request = self._named(request)
        for callback in self._callbacks:
            called = callback.read(request, numbers)
            if called is not None:
                account, problem = self._signed_by(
                    request, [named] if named else self._signed or [*self._merchants], at
                )
                if problem:
                    reading = unreadable(f"{called.name}, not genuine: {problem}")
                    refused = HttpResponse(401, {}, b"")
                    return called._replace(reading=reading, reply=refused, further=(), problem=problem)
                further = tuple(event._replace(account=account) for event in called.further)
                return called._replace(account=account, further=further)
        return None

    @property
    def are_signed(self) -> bool | None:
        """Whether callbacks to some account are signed; ``None``: there are no callbacks."""
        return bool(self._signed) if self._callbacks else None

    def without_account(self, request: HttpRequest) -> HttpRequest:
        """Return a callback as if its address did not name the account."""
        return self._named(request)[1]

    def _named(self, request: HttpRequest) -> tuple[str, HttpRequest]:
        """The account that the address names, and the request as if it did not."""
        first, slash, rest = request.target.removeprefix("/").partition("/")
        return (first, request._replace(target=slash + rest)) if slash and first in self._merchants else ("", request)

    def _signed_by(self, request: HttpRequest, accounts: list[str], at: TimestampNonce | None) -> tuple[str, str]:
        """The first account by whose keys the call is genuine; or why it is not by any."""
        problems = {name: self._merchants[name].problem_of_callback(request, at) for name in accounts}
        genuine = next((name for name, problem in problems.items() if not problem), "")
        return genuine, "" if genuine else next(iter(problems.values()))


class _CompiledCallback:
    def __init__(self, part: Callback, contract: Contract, index: int) -> None:
        self.name = part.name
        self._part = part
        self._path = PathPattern(part.path, _VARIABLES, ("callbacks", index, "path"))
        form = body_format(part.format, ("callbacks", index, "format"), contract.charset)
        self.reader = ResponseReader(
            part.answers,
            part.extract,
            contract.states,
            form=form,
            currency=contract.currency,
            units=contract.amounts.units(),
            rows=None if part.rows is None else OrderRows(part.rows),
        )
        extracts = [part.extract, *(rule.extract for rule in part.answers if rule.extract is not None)]
        self._places: dict[str, list[SelectorGetter]] = {
            name: [
                compile_selector(as_selector(at)) for extract in extracts if (at := getattr(extract, name)) is not None
            ]
            for name in _VARIABLES
        }
        headers = {"content-type": part.reply.content_type}
        self._reply = HttpResponse(part.reply.status, headers, part.reply.body.encode())

    def read(self, request: HttpRequest, numbers: Mapping[str, str]) -> ReceivedCallback | None:
        if request.method != self._part.method:
            return None
        found: dict[str, str] = {}
        try:
            self._path.match(urlsplit(request.target).path, found)
        except RequestMismatch:
            return None
        answer = HttpResponse(200, {name.lower(): value for name, value in request.headers}, request.body)
        if self._part.rows is not None:
            return self._events(answer, found, numbers)
        order_no = self._order_no(answer, found, numbers)
        reading = self.reader.read(answer, ResponseContext(order_no, found.get("provider_id")))
        return self._received(order_no, reading)

    def _events(self, answer: HttpResponse, found: Mapping[str, str], numbers: Mapping[str, str]) -> ReceivedCallback:
        """Return the first event that can be read, with the others."""

        def context_of(document: object, row: object) -> ResponseContext:
            order_no = self._order_no_in(document, row, answer, found, numbers)
            return ResponseContext(order_no, found.get("provider_id"))

        try:
            read = self.reader.read_each(answer, context_of)
        except UnreadableBody as why:
            return self._received("", unreadable(str(why)))
        events = [self._received(context.order_no, reading) for context, reading in read]
        events.sort(key=lambda event: event.reading.observation is Observation.UNREADABLE)
        return events[0]._replace(further=tuple(events[1:]))

    def _received(self, order_no: str, reading: Interpretation) -> ReceivedCallback:
        detail = reading.detail.replace("200", self._part.name, 1)
        return ReceivedCallback(
            self._part.name, "", order_no, reading._replace(detail=detail), self._part.ends_query, self._reply
        )

    def _order_no(self, answer: HttpResponse, found: Mapping[str, str], numbers: Mapping[str, str]) -> str:
        try:
            document = self.reader.form.read(answer)
        except UnreadableBody:
            return found.get("order_no", "")
        return self._order_no_in(document, MISSING, answer, found, numbers)

    def _order_no_in(
        self,
        document: object,
        row: object,
        answer: HttpResponse,
        found: Mapping[str, str],
        numbers: Mapping[str, str],
    ) -> str:
        if "order_no" in found:
            return found["order_no"]
        try:
            order_no = self._first(self._places["order_no"], document, row, answer)
            provider_id = found.get("provider_id") or self._first(self._places["provider_id"], document, row, answer)
        except UnreadableBody:
            return ""
        return order_no or numbers.get(provider_id or "", "")

    def _first(self, getters: list[SelectorGetter], document: object, row: object, answer: HttpResponse) -> str | None:
        found = (text_of(get(document, answer.headers, row), "it") for get in getters)
        return next((text for text in found if text), None)
