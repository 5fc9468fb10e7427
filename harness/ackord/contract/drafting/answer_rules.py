"""Writes the rules by which a draft reads answers: from the documented status codes and the errors that are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from .error_codes import ErrorCode

__all__ = ["key", "query_rules", "scalar", "submit_rules"]

_BUSY = re.compile(r"progress|process|flight|pending|concurrent|lock", re.IGNORECASE)
"""Words in the code of a conflict with a request that is still worked on."""


def submit_rules(good: list[int], there: str, codes: Iterable[int], conflicts: Sequence[ErrorCode]) -> Iterator[str]:
    """Yield the rules of a submit. ``there``: a further condition of a success, ``, PLACE: CONDITION``."""
    yield "  answers:                    # the first that matches wins; what nothing matches proves nothing"
    yield f"    - {{when: {{status: {good}{there}}}, observation: ACK}}"
    busy = [code for code in conflicts if _BUSY.search(code.word)]
    others = [code for code in conflicts if code not in busy]
    for code in busy:
        yield f"    - {{when: {{status: 409{_says([code])}}}, observation: IN_PROGRESS}}   # TODO: guessed by the word"
    which = "" if others else "by which code in the body? "
    todo = f"{which}also for the same payload?"
    yield f"    - {{when: {{status: 409{_says(others)}}}, observation: CONFLICT}}   # TODO: {todo}"
    yield f"    - {{when: {{status: {_rejections(codes, {409, 429})}}}, observation: REJECTED}}"
    todo = "does any of them prove that nothing happened?"
    yield f"    - {{when: {{status: [429, 5xx]}}, observation: RETRYABLE}}    # TODO: {todo}"


def query_rules(there: str, codes: Iterable[int], unknown: Sequence[ErrorCode], *, in_list: bool) -> Iterator[str]:
    """Yield the rules of a query. ``in_list``: it answers with a list, in which an unknown order is absent."""
    yield "  answers:"
    yield f"    - {{when: {{status: 200{there}}}, observation: STATUS}}"
    if in_list:
        yield "    - {when: {status: 200, $row: {exists: false}}, observation: NOT_FOUND}"
    else:
        todo = "" if unknown else "   # TODO: add the code in the body: a proxy's 404 is not an answer"
        yield f"    - {{when: {{status: 404{_says(unknown)}}}, observation: NOT_FOUND}}{todo}"
    yield f"    - {{when: {{status: {_rejections(codes, {404, 429})}}}, observation: REJECTED}}"
    yield "    - {when: {status: [429, 5xx]}, observation: RETRYABLE}"


def _says(codes: Sequence[ErrorCode]) -> str:
    """Return a further condition: the codes that are told where the first one is."""
    if not codes:
        return ""
    words = [scalar(code.word) for code in codes if code.at == codes[0].at]
    wanted = words[0] if len(words) == 1 else f"[{', '.join(words)}]"
    return f", {key(codes[0].at)}: {wanted}"


def _rejections(codes: Iterable[int], others: set[int]) -> str:
    refused = sorted(code for code in codes if 400 <= code < 500 and code not in others)
    return str(refused or [400, 401, 403, 422])


def key(at: str) -> str:
    """Return a place as a key of YAML."""
    return at if re.fullmatch(r"[$A-Za-z0-9_.\[\]-]+", at) and "[" not in at else json.dumps(at, ensure_ascii=False)


def scalar(text: str) -> str:
    """Return text that YAML reads as exactly this text."""
    plain = re.fullmatch(r"[a-z][a-z0-9-]{2,}", text) and text not in ("yes", "true", "false", "null", "off")
    return text if plain else json.dumps(text)
