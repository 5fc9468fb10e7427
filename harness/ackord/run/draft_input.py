"""Read the two examples that a contract draft is made from, from any supported input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from ..contract.drafting.curl_examples import read_curl
from ..contract.drafting.draft import DraftInput
from ..contract.drafting.field_names import is_amount, is_id, name_score
from ..contract.drafting.openapi_examples import read_openapi
from ..contract.drafting.postman_examples import read_postman
from ..contract.drafting.value_roles import ExampleExchange, document_of, leaves
from ..errors import FileError
from ..record.har import HarEntry, read_har

__all__ = ["draft_input_of"]


def draft_input_of(
    *,
    openapi: Path | None,
    curl: Path | None,
    har: Path | None,
    ask: Callable[[], DraftInput],
    postman: Path | None = None,
) -> DraftInput:
    """Read the examples from a file, or ask for them. Raises ``FileError`` for a file without a submit and a query."""
    if openapi is not None:
        return read_openapi(openapi)
    if curl is not None:
        return DraftInput(*read_curl(curl), f"the curl commands in {curl.name}")
    if har is not None:
        return DraftInput(*_from_har(har), f"the recorded traffic in {har.name}")
    if postman is not None:
        return read_postman(postman)
    return ask()


def _from_har(path: Path) -> tuple[ExampleExchange, ExampleExchange]:
    """The first write that was accepted and after which something of it is asked for, and that query."""
    entries, _ = read_har(path)
    for submit in entries:
        if submit.request.method not in ("POST", "PUT") or submit.answer is None or submit.answer.status >= 300:
            continue
        values = {
            str(leaf.value) for body in (submit.request.body, submit.answer.body) for leaf in leaves(document_of(body))
        }
        values = {value for value in values if len(value) >= 4}
        queries = [e for e in entries if e is not submit and _asks_for(e, values)]
        if queries:
            answered = [q for q in queries if q.answer is not None and q.answer.status == 200]
            return _example(submit), _example((answered or queries)[0])
    raise FileError(
        path, None, "there is no submit in it that is followed by a query of the same order",
        expected="a POST or PUT that was accepted, and a GET in whose address something of it stands (or a POST "
        "without an amount in whose body it does)",
    )  # fmt: skip


def _asks_for(entry: HarEntry, values: set[str]) -> bool:
    """Whether it is a query about one of the values."""
    if entry.request.method == "GET":
        return any(value in entry.request.target for value in values)
    sent = list(leaves(document_of(entry.request.body)))
    asks = entry.request.method == "POST" and not any(is_amount(leaf.name) for leaf in sent)
    return asks and any(str(leaf.value) in values and (is_id(leaf.name) or name_score(leaf.name)) for leaf in sent)


def _example(entry: HarEntry) -> ExampleExchange:
    parts = urlsplit(entry.url)
    port = f":{parts.port}" if parts.port else ""
    return ExampleExchange(f"{parts.scheme}://{parts.hostname}{port}", entry.request, entry.answer)
