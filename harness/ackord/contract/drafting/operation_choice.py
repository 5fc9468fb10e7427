"""Chooses, by words, the operations of an OpenAPI document that submit a payment and that ask for one of them.

A submit is a POST, or a PUT at the merchant's own number, with an amount in its body. A query is a GET of one of its
orders, or a POST that asks for one by a number in its body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ...errors import FileError
from .field_names import is_amount, is_id, is_state, name_score, same_name, words_of
from .openapi_document import ApiOperation, OpenApiDocument, is_required

__all__ = ["ASKING", "ChosenQuery", "chosen_query", "chosen_submit", "property_names", "submit_likeness"]

_PAYING = re.compile(r"pay-?out|transfer|payment|disburse", re.IGNORECASE)
_WORDS = re.compile(r"pay-?out|transfer|payment|order|disburse|remit|withdraw|charge", re.IGNORECASE)
_WRONG = re.compile(
    r"refund|bulk|cancel|verif|confirm|webhook|capture|retry|final|resend|return|link|subscription|plan|customer|"
    r"invoice|dispute|otp|simul|quote|consent|authori[sz]ation|estimate|validate|schedule|recurring|intent|/error\b|"
    r"balance|funding|method",
    re.IGNORECASE,
)
ASKING = re.compile(r"get|query|inquir|enquir|status|retrieve|lookup|find|fetch|show|search", re.IGNORECASE)
_DEPTH = 4


class ChosenQuery(NamedTuple):
    """What asks for one order."""

    operation: ApiOperation
    asked: str
    """The parameter, or the field of the body, that names the order."""
    by_number: bool
    """Whether that is the merchant's own number."""


def property_names(document: OpenApiDocument, schema: Any, depth: int = 0) -> Iterator[str]:
    """Yield the names of a schema's properties, outermost first, to a small depth."""
    merged = document.merged(schema)
    properties = merged.get("properties")
    if isinstance(merged.get("items"), dict):
        yield from property_names(document, merged["items"], depth + 1)
    if isinstance(properties, dict):
        yield from map(str, properties)
        if depth < _DEPTH:
            for part in properties.values():
                yield from property_names(document, part, depth + 1)


def body_names(document: OpenApiDocument, operation: ApiOperation) -> list[str]:
    """Return the names in an operation's body; empty without one."""
    _, media = document.media(operation.spec.get("requestBody"))
    return list(property_names(document, media["schema"])) if media.get("schema") else []


def chosen_submit(document: OpenApiDocument) -> ApiOperation:
    """Return what submits. Raises ``FileError`` if nothing looks like it."""
    scored = [(_likeness(document, operation), operation) for operation in document.operations("POST", "PUT")]
    score, operation = max(
        scored, key=lambda entry: (entry[0], -len(entry[1].path)), default=(0, ApiOperation("", "", {}))
    )
    if score <= 0:
        raise FileError(
            document.path,
            None,
            "no POST or PUT in it looks like submitting a payment",
            mend="write the draft from two curl commands: --curl",
        )
    return operation


def _likeness(document: OpenApiDocument, operation: ApiOperation) -> int:
    return submit_likeness(operation.method, operation.path, operation.about, body_names(document, operation))


def submit_likeness(method: str, path: str, about: str, names: Sequence[str]) -> int:
    """Return how much an operation looks like submitting a payment; 0 or less: not at all.

    ``about`` holds its path and its title, ``names`` are those in its body; ``{id}`` in the path is a parameter.
    """
    if not names:
        return 0
    pays = any(is_amount(name) for name in names)
    score = 2 * bool(_PAYING.search(path)) + 2 * bool(_WORDS.search(path)) + bool(_WORDS.search(about)) + 4 * pays
    score += bool(_PAYING.search(" ".join(words_of(path.rstrip("/").rsplit("/", 1)[-1]))))
    score -= 4 * bool(_WRONG.search(about))
    if method == "PUT":
        return score - 1 if pays and re.search(r"\{[^}]+\}/?$", path) else 0
    # Parameters that choose a kind of payment are part of an address; one that names an object is not.
    return score - 2 * sum("id" in words_of(name) for name in re.findall(r"\{([^}]+)\}", path))


def chosen_query(document: OpenApiDocument, submit: ApiOperation) -> ChosenQuery:
    """Return what asks for one order of ``submit``. Raises ``FileError`` if nothing looks like it."""
    names = [
        *body_names(document, submit),
        *(p["name"] for p in submit.parameters("header")),
        *re.findall(r"\{([^}]+)\}", submit.path if submit.method == "PUT" else ""),
    ]
    found = [*_by_path(document, submit, names), *_by_parameter(document, submit, names)]
    found = found or [*_by_words(document, submit, names)]
    found = found or [*_by_body(document, submit, names)]
    if not found:
        raise FileError(
            document.path,
            None,
            f"nothing in it looks like asking for one order of {submit.path}",
            mend="write the draft from two curl commands: --curl",
        )
    return max(found, key=lambda entry: entry[0])[1]


_Found = Iterator[tuple[tuple[int, ...], ChosenQuery]]


def _by_path(document: OpenApiDocument, submit: ApiOperation, names: list[str]) -> _Found:
    """Yield every GET below the submit's path, or at it where that ends with the merchant's number."""
    base = re.sub(r"/(create|new|submit|initiate|make|send)$", "", submit.path.rstrip("/"))
    if submit.method == "PUT":
        base = base.rpartition("/")[0]
    for operation in document.operations("GET"):
        rest = operation.path.removeprefix(base)
        match = re.fullmatch(r"/(?:([\w-]+)/)?\{([^}]+)\}(/(?:status|state))?", rest)
        if rest == operation.path or match is None or _WRONG.search((match[1] or "").replace("verify", "")):
            continue
        by_number = _names_the_order(match[2], names, operation.path)
        told = _told(document, operation)
        yield (
            (
                by_number,
                any(is_state(name) for name in told),
                any(is_amount(name) for name in told),
                -rest.count("/"),
                -len(operation.path),
            ),
            ChosenQuery(operation, match[2], by_number),
        )


def _by_parameter(document: OpenApiDocument, submit: ApiOperation, names: list[str]) -> _Found:
    """Yield every GET with a parameter after ``?`` that names an order: one that must be there, or one of several that
    may be, such as the merchant's number or the provider's, where the answer shows one order and no list.
    """
    for operation in document.operations("GET"):
        if "{" in operation.path or not _shared(submit, operation):
            continue
        given = operation.parameters("query")
        required = [str(p["name"]) for p in given if is_required(p)]
        if not required and operation.path == submit.path and _shows_one(document, operation):
            own = [str(p["name"]) for p in given if _names_the_order(str(p["name"]), names, operation.path)]
            for asked in own:
                yield (True, 0, 0, -2, -len(operation.path)), ChosenQuery(operation, asked, True)
        if len(required) == 1 and (is_id(required[0]) or name_score(required[0]) >= 2):
            by_number = _names_the_order(required[0], names, operation.path)
            yield (by_number, 0, 0, -2, -len(operation.path)), ChosenQuery(operation, required[0], by_number)


def _by_words(document: OpenApiDocument, submit: ApiOperation, names: list[str]) -> _Found:
    """Yield every GET elsewhere whose path speaks of the same thing."""
    for operation in document.operations("GET"):
        match = re.fullmatch(r".*/\{([^}]+)\}(/status)?", operation.path)
        shared = _shared(submit, operation)
        if match and shared and operation.path.count("{") == 1 and not _WRONG.search(operation.about):
            by_number = _names_the_order(match[1], names, operation.path)
            yield (shared, by_number, 0, -len(operation.path)), ChosenQuery(operation, match[1], by_number)


def _by_body(document: OpenApiDocument, submit: ApiOperation, names: list[str]) -> _Found:
    """Yield every POST that asks for an order by a number in its body."""
    for operation in document.operations("POST"):
        fields = body_names(document, operation)
        asked = max((f for f in fields if is_id(f) or name_score(f)), key=lambda f: _asked_score(f, submit), default="")
        shared = _shared(submit, operation)
        wrong = bool(_WRONG.search(operation.about.replace("/status", "")))
        asked = asked if asked and _asked_score(asked, submit) > 1 else ""
        if operation.path == submit.path or not asked or not shared or any(is_amount(name) for name in fields):
            continue
        last = operation.path.rstrip("/").rsplit("/", 1)[-1]
        if ASKING.search(last) or ASKING.match(str(operation.spec.get("operationId", ""))):
            beside = operation.path.startswith((submit.path.rsplit("/", 1)[0] + "/", submit.path.rstrip("/") + "/"))
            score = (-wrong, beside, shared, -operation.path.count("/"), -len(operation.path))
            yield score, ChosenQuery(operation, asked, _names_the_order(asked, names, operation.path))


def _asked_score(field: str, submit: ApiOperation) -> int:
    """Return how well a field of a query's body names an order of ``submit``."""
    about = set(words_of(submit.path)) | {word.removesuffix("s") for word in words_of(submit.path)}
    return name_score(field) + 2 * bool(about.intersection(words_of(field))) + is_id(field)


def _names_the_order(asked: str, names: list[str], path: str) -> bool:
    """Return whether a query's parameter is the merchant's own number: a name of the submit's, or a clear one."""
    if words_of(asked) == ("id",):
        # {ID} at /transfers is the merchant's own where the submit sends a transferId.
        about = {word.removesuffix("s") for word in words_of(path)} - {"id"}
        return any(is_id(name) and words_of(name)[:-1] and about.issuperset(words_of(name)[:-1]) for name in names)
    if any(same_name(asked, name) for name in names) and (name_score(asked) or is_id(asked)):
        return True
    return not is_id(asked) and name_score(asked) >= 2 and any(name_score(name) >= 3 for name in names)


def _shows_one(document: OpenApiDocument, operation: ApiOperation) -> bool:
    """Return whether a status stands in the success itself, and not in a list's elements."""
    _, media = document.media(document.resolved(operation.spec.get("responses")).get("200"))
    properties = document.merged(media.get("schema")).get("properties")
    return isinstance(properties, dict) and any(is_state(str(name)) for name in properties)


def _told(document: OpenApiDocument, operation: ApiOperation) -> list[str]:
    for code, answer in sorted((str(c), a) for c, a in document.resolved(operation.spec.get("responses")).items()):
        _, media = document.media(answer)
        if code.startswith("2") and media.get("schema"):
            return list(property_names(document, media["schema"]))
    return []


def _shared(submit: ApiOperation, operation: ApiOperation) -> int:
    """Return how many long words of the submit's path another path has."""
    mine, other = (set(re.findall(r"[a-z]{4,}", one.path.lower())) for one in (submit, operation))
    mine = {word.removesuffix("s") for word in mine} - {"create", "json", "api"}
    return len(mine & {word.removesuffix("s") for word in other})
