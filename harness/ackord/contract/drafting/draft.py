"""Drafts a contract from one submit and one query (``ackord contract new``).

A draft loads, and marks every guess with TODO. It never holds a secret of the examples: values with secret-like names
and everything that signs a request are read from the environment. The meaning of status words, and the provider's
promises, cannot be derived from an example.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from ..base.http_messages import HttpRequest
from ..body import ENCODINGS, JSON, Encoding
from ..body.graphql_encoding import is_graphql
from .answer_rules import key, query_rules, scalar, submit_rules
from .error_codes import ErrorCode
from .example_headers import LEFT_OUT, made_anew, own_headers
from .fact_places import FactHints, extracted_facts, marking_place, nearest_first, status_leaves
from .state_guesses import guessed_state
from .value_roles import ExampleExchange, LeafValue, document_of, is_secret, leaves, number_score, templated

__all__ = ["ACCOUNT", "TODO", "DraftInput", "draft"]

TODO = "TODO"
"""Stands for a status word that neither an example nor a document gives."""

ACCOUNT = "ACCOUNTID0001"
"""Stands for what names the account, where a header does beside the key."""


class DraftInput(NamedTuple):
    """The input of a draft."""

    submit: ExampleExchange
    query: ExampleExchange
    made_from: str
    """Description of the input, for the head of the file."""
    words: Sequence[str] = ()
    """Documented status words."""
    submit_codes: frozenset[int] = frozenset()
    """Documented status codes; empty if there are none."""
    query_codes: frozenset[int] = frozenset()
    provider_id: str = ""
    """The value of the provider's identifier in the query, if no answer gives it."""
    variables: Mapping[str, str] = {}
    """Values of the examples that stand for variables, beside the order number."""
    order_no: str = ""
    """The form of order numbers, as the contract writes it, if it is documented."""
    key_header: str = ""
    """The header that carries a key, where its name alone does not say so."""
    asked: str = ""
    """The name of the parameter that names the order in the query, if it has one."""
    conflicts: Sequence[ErrorCode] = ()
    """The documented codes of a submit's answer 409."""
    unknown: Sequence[ErrorCode] = ()
    """The documented codes of a query's answer 404."""


def draft(sketch: DraftInput) -> str:
    """Return the YAML text."""
    text = "\n".join(_DraftWriter(sketch).lines()) + "\n"
    for secret in sorted(_secrets(sketch), key=len, reverse=True):
        text = text.replace(secret, "${env:PROVIDER_SECRET}")
    return text


def _secrets(sketch: DraftInput) -> set[str]:
    """Return the values that must not be in the draft, wherever they occur in the examples."""
    found: set[str] = set()
    for request in (sketch.submit.request, sketch.query.request):
        headers = [value for name, value in request.headers if is_secret(name)]
        parameters = [value for name, value in parse_qsl(urlsplit(request.target).query) if is_secret(name)]
        body = [
            str(leaf.value) for leaf in leaves(document_of(request.body, _encoding(request))) if is_secret(leaf.name)
        ]
        for value in (*headers, *parameters, *body):
            found |= {value, *value.split()}
    return {value for value in found if len(value) >= 8}


class _DraftWriter:
    def __init__(self, sketch: DraftInput) -> None:
        self._sketch = sketch
        self._submit, self._query = sketch.submit.request, sketch.query.request
        self._form = _encoding(self._submit)
        self._sent = document_of(self._submit.body, self._form)
        told = sketch.submit.answer
        self._told = nearest_first(told.body) if told is not None else []
        shown = sketch.query.answer
        self._shown = nearest_first(shown.body) if shown is not None else []
        self._asked = _asked(self._query)
        self._number = self._find_number()
        self._id = "" if self._number in self._asked and self._number else self._find_id()

    # -- guesses -------------------------------------------------------------------------------------------------------

    def _find_number(self) -> str:
        """Find the order number: a value in both requests, or else one with a likely name."""
        candidates = [*leaves(self._sent), *(LeafValue((name,), value) for name, value in own_headers(self._submit))]
        for leaf in candidates:
            if (
                isinstance(leaf.value, str)
                and len(leaf.value) >= 4
                and leaf.value != TODO
                and leaf.value in self._asked
                and not is_secret(leaf.name)
                and (number_score(leaf) or not self._query.body)  # bodies of both hold other things alike, too
            ):
                return leaf.value
        last = unquote(urlsplit(self._submit.target).path.rstrip("/").rsplit("/", 1)[-1])
        if self._submit.method == "PUT" and last in self._asked and any(map(str.isdigit, last)):
            return last
        best = max(candidates, key=number_score, default=None)
        return str(best.value) if best is not None and number_score(best) else ""

    def _find_id(self) -> str:
        """Find the provider's identifier: a value of the submit's answer that the query uses."""
        told = [str(leaf.value) for leaf in self._told if leaf.value != TODO]
        sent = _asked(self._submit)
        named = [value for value in (*told, self._sketch.provider_id) if value in self._asked and value not in sent]
        return next(iter(named), "")

    @property
    def _currency(self) -> str:
        for leaf in leaves(self._sent):
            if (
                "currency" in leaf.name.lower()
                and isinstance(leaf.value, str)
                and re.fullmatch(r"[A-Za-z]{3}", leaf.value)
            ):
                return leaf.value.upper()
        return "EUR"

    # -- the file ------------------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        origin = self._sketch.submit.origin or self._sketch.query.origin
        host = urlsplit(origin).hostname or "new"
        usual = ("api", "www", "sandbox", "com", "org", "net", "io")
        parts = [part for part in host.split(".") if part not in usual and not part.isdigit()]
        name = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")[:60] or "new-provider"
        yield (
            f"# A draft, made from {self._sketch.made_from}. What says TODO is a guess: verify it in the documentation."
        )
        yield "# Then: ackord contract check THIS --target ADDRESS, and ackord contract explain THIS."
        yield f"provider: {scalar(name)}"
        yield "version: 1"
        yield "environment: sandbox          # TODO: a sandbox, and nothing else"
        if origin:
            yield f"base_url: {scalar(origin)}"
        yield f"currency: {self._currency}"
        yield ""
        numbers = self._sketch.order_no or '{alphabet: "0-9A-Za-z", length: [16, 32]}'
        yield f"order_no: {numbers}   # TODO: what the provider takes"
        yield ""
        yield "accounts:"
        fresh = made_anew(self._submit, self._query)
        if fresh:
            yield f"  # TODO: {', '.join(fresh)}: made anew for each request, and left out here. Say how under auth,"
            yield "  # such as hmac (docs/FIRST_CONTRACT.md, Where requests are signed)."
        auth = self._auth()
        if any(value == ACCOUNT for _, value in self._submit.headers):
            auth += ', id: "${env:PROVIDER_ACCOUNT}"'
        yield f"  main: {{{auth}}}"
        other = auth.replace("${env:PROVIDER_", "${env:PROVIDER_OTHER_")
        yield f"  # other: {{{other}}}   # a second account lets key-scope-respected be judged"
        yield ""
        yield from self._operation("submit", self._submit)
        yield from self._submit_answers()
        yield f"  extract: {self._extract(self._told or self._shown, needed=True)}"
        yield ""
        yield from self._operation("query", self._query)
        yield from self._query_answers()
        yield f"  extract: {self._in_row(self._extract(self._shown or self._told))}"
        yield ""
        yield from self._states()
        yield ""
        yield from _PROMISES

    def _auth(self) -> str:
        for name, value in self._submit.headers:
            scheme, _, rest = value.partition(" ")
            if name.lower() == "authorization" and scheme.lower() == "basic":
                user = base64.b64decode(rest + "==", validate=False).partition(b":")[0] if rest else b""
                word = "PROVIDER_USER" if user else "PROVIDER_KEY"
                return f'auth: {{basic: {{username: "${{env:{word}}}", password: "${{env:PROVIDER_KEY}}"}}}}'
            if name.lower() == "authorization" and scheme.lower() == "bearer":
                return 'auth: {bearer: "${env:PROVIDER_KEY}"}'
        for name, _ in self._submit.headers:
            if (is_secret(name) or name == self._sketch.key_header) and name.lower() not in LEFT_OUT:
                return f'auth: {{api_key: {{header: {name}, value: "${{env:PROVIDER_KEY}}"}}}}'
        return ""

    def _operation(self, name: str, request: HttpRequest) -> Iterator[str]:
        yield f"{name}:"
        yield "  request:"
        yield f"    method: {request.method}"
        parts = urlsplit(request.target)
        segments = [self._text(_plain_segment(segment), of=name) for segment in parts.path.split("/")]
        yield f"    path: {scalar('/'.join(segments) or '/')}"
        pairs = {key: self._text(value, key, of=name) for key, value in parse_qsl(parts.query, keep_blank_values=True)}
        if pairs:
            yield f"    query: {_flow(pairs)}"
        without = {name.lower() for name in (self._sketch.key_header, *made_anew(self._submit, self._query))}
        given = [pair for pair in own_headers(request) if pair[0].lower() not in without]
        headers = {key: self._text(value, key, of=name) for key, value in given}
        if name == "submit" and not self._number:
            yield "    # TODO: nothing here is like the merchant's own number: put ${order_no} where it stands"
        if headers:
            yield f"    headers: {_flow(headers)}"
        form = self._form if name == "submit" else _encoding(request)
        sent = self._sent if name == "submit" else document_of(request.body, form)
        if sent is not None:
            note = "   # TODO: amounts in minor or major units?" if name == "submit" else ""
            name_of_form = "graphql" if is_graphql(sent) else form.name
            yield f"    {name_of_form}: {_flow(self._filled(sent, of=name))}{note}"

    def _text(self, text: str, name: str = "", *, of: str) -> str:
        """Return a segment, parameter or header with its variable."""
        return str(self._filled(text, (name,) if name else (), of=of))

    def _filled(self, document: Any, path: tuple[str | int, ...] = (), *, of: str) -> Any:
        """Return data with variables where values have a role; only a query knows the provider's identifier."""
        named = {self._id: "${provider_id}"} if self._id and of == "query" else {}
        known = {**self._sketch.variables, **named}
        return templated(document, self._number, path, known)

    def _submit_answers(self) -> Iterator[str]:
        codes = self._sketch.submit_codes
        good = sorted(c for c in codes if 200 <= c < 300) or [200, 201, 202]
        answer = self._sketch.submit.answer
        if answer is not None and answer.status:
            good = sorted({*good, answer.status})
        yield from submit_rules(good, self._there(self._told), codes, self._sketch.conflicts)

    @property
    def _rows(self) -> str:
        """The list in a query's answer that holds the order; empty if the answer is the order."""
        return marking_place(self._shown).partition("[0]")[0] if "[0]" in marking_place(self._shown) else ""

    def _in_row(self, text: str) -> str:
        return text.replace(f"{self._rows}[0]", "$row") if self._rows else text

    def _query_answers(self) -> Iterator[str]:
        if self._rows:
            about = FactHints(self._number, self._id, self._sketch.asked, self._query.target)
            own = self._in_row(extracted_facts(self._shown, about).get("order_no", ""))
            yield f"  rows: {key(self._rows)}   # TODO: verify: the list, and which of its orders is ours"
            if own:
                yield f'  match: {{{key(own)}: "${{order_no}}"}}'
        there, codes = self._in_row(self._there(self._shown)), self._sketch.query_codes
        yield from query_rules(there, codes, self._sketch.unknown, in_list=bool(self._rows))

    def _there(self, told: list[LeafValue]) -> str:
        """Return a condition on the body that only the API itself would meet."""
        at = marking_place(told)
        return f", {key(at)}: {{exists: true}}" if at else ""

    def _extract(self, told: list[LeafValue], *, needed: bool = False) -> str:
        """Return where facts stand; ``needed``: also the provider's identifier, if the query asks by it."""
        made_up = bool(self._sketch.provider_id)
        about = FactHints(self._number, self._id, self._sketch.asked, self._query.target, made_up=made_up)
        facts = extracted_facts(told, about)
        if needed and self._id:
            facts.setdefault("provider_id", "$.id")
        shown = [*self._sketch.conflicts, *self._sketch.unknown]
        if shown:
            facts["code"] = shown[0].at
        todo = "verify" if shown else "verify; and code: where an error's code stands"
        return f"{_flow(facts or {'state': '$.status'})}   # TODO: {todo}"

    def _states(self) -> Iterator[str]:
        answers = (self._told, self._shown)
        seen = [str(x.value) for told in answers for x in status_leaves(told) if isinstance(x.value, str)]
        yield (
            "states:                       # TODO: RECEIVED, PROCESSING, SUCCEEDED, FAILED, CANCELLED, DECLINED "
            "or RETURNED"
        )
        words = dict.fromkeys(word for word in (*self._sketch.words, *seen) if word != TODO)
        for word in words or ["pending"]:
            state = guessed_state(word)
            yield f"  {scalar(word)}: {state}   # TODO{'' if state == 'UNKNOWN' else ': guessed from the word'}"


_PROMISES = """\
promises:                     # TODO: what the documentation says; what it leaves open is listed under undocumented
  not_found: forbidden        # or inconclusive, or {tolerated_for: 30s}
  on_same_payload: replay_current   # or replay_original, reject_with_pointer, reject_plain, new_movement
  on_other_payload: reject
  key_retention: unpublished
undocumented: [promises.not_found, promises.on_same_payload, promises.on_other_payload]

limits: {timeout: 10s, orders: 200, amount_minor: 500}""".splitlines()


def _asked(request: HttpRequest) -> set[str]:
    """Return the values in a query's address and body."""
    parts = urlsplit(request.target)
    found = {unquote(s) for s in parts.path.split("/") if s} | {value for _, value in parse_qsl(parts.query)}
    sent = document_of(request.body, _encoding(request)) if request.body else None
    return found | {str(leaf.value) for leaf in leaves(sent) if leaf.value is not None}


def _plain_segment(segment: str) -> str:
    """Return a part of a path without percent-encoding, unless it needs it."""
    plain = unquote(segment)
    return segment if re.search(r"[\s?#/]", plain) else plain


def _content_type(request: HttpRequest) -> str:
    return next((value for name, value in request.headers if name.lower() == "content-type"), "")


def _encoding(request: HttpRequest) -> Encoding:
    return next((e for e in ENCODINGS if _content_type(request).startswith(e.content_type)), JSON)


def _flow(data: Any) -> str:
    return json.dumps(data)
