"""Check that a provider's answers fit its own OpenAPI document. Schemathesis is imported only when there is a document.

The check judges the journal's raw answers, as the provider gave them, so a body that a fault cut or made up is not
among them. Two things are never charged, because the journal does not hold them whole: a body that was capped, and
headers, of which only an allow-list is kept. An answer whose status code the document does not list is compared with
nothing, for many providers list 200 alone; a ``strict`` document is broken by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.spec.model import Contract, order_operations_of
from ..core.event import Begin, Complete
from ..core.history import History
from ..core.operation import OperationKind
from ..core.verdict import Finding, GuaranteeVerdict, Result
from ..errors import FileError, UsageError
from ..guarantees.answers_match_schema import GUARANTEE
from ..guarantees.tally import GuaranteeTally
from ..guarantees.wording import request

if TYPE_CHECKING:
    import schemathesis

__all__ = ["ApiDocument", "DescribedOperation", "judge_responses", "requests_of"]

_PROBLEMS_TOLD = 3
_SEGMENT = re.compile(r"\{[^}]*\}")


class ApiDocument:
    """A provider's OpenAPI document, complete in one file; nothing is fetched."""

    def __init__(self, path: Path, *, strict: bool = False) -> None:
        """Raises ``FileError`` for a file that is no OpenAPI document, ``UsageError`` without Schemathesis."""
        self.path = path
        self.strict = strict
        self._schema = _load(path)
        self._operations: list[schemathesis.APIOperation[Any, Any, Any, Any]] = []
        for found in self._schema.get_all_operations():
            try:
                self._operations.append(found.ok())
            except Exception as error:
                raise FileError(path, None, f"an operation cannot be understood: {_one_line(error)}") from error

    def on_command_line(self) -> list[str]:
        """Return the command-line option that names it."""
        return ["--openapi", str(self.path), *(["--openapi-strict"] if self.strict else [])]

    def operation(self, described: str) -> DescribedOperation | None:
        """Return the operation of a request that is written as in a contract, ``GET /v1/orders/${order_no}``.

        An operation with fewer parameters goes first.
        """
        method, _, path = described.partition(" ")
        fitting = [
            operation
            for operation in self._operations
            if operation.method.upper() == method and any(_fits(path, p) for p in (operation.full_path, operation.path))
        ]
        if not fitting:
            return None
        return DescribedOperation(self, min(fitting, key=lambda operation: len(_SEGMENT.findall(operation.path))))

    def operations(self, requests: Mapping[str, str]) -> dict[OperationKind, DescribedOperation]:
        """Return the operations of ``requests_of`` a contract. Raises ``FileError`` for one that is not described."""
        found = {}
        for kind, described in requests.items():
            operation = self.operation(described)
            if operation is None:
                known = ", ".join(operation.label for operation in self._operations) or "none"
                raise FileError(
                    self.path,
                    None,
                    f"this document does not describe the contract's {kind}, {described}",
                    expected=f"it among those that it describes: {known}",
                    mend="give the document of the provider that the contract is of",
                )
            found[OperationKind(kind)] = operation
        return found


class DescribedOperation:
    """One operation of a document, with the answers that it allows."""

    def __init__(self, document: ApiDocument, operation: schemathesis.APIOperation[Any, Any, Any, Any]) -> None:
        import requests
        from schemathesis import checks

        self._document = document
        self._operation = operation
        self.label: str = operation.label
        self._checks = [checks.content_type_conformance, *([checks.status_code_conformance] if document.strict else [])]
        parameters = dict.fromkeys((name[1:-1] for name in _SEGMENT.findall(operation.path)), "x")
        self._case = operation.Case(path_parameters=parameters)
        path = _SEGMENT.sub("x", operation.full_path)
        self._request = requests.Request(operation.method.upper(), f"http://127.0.0.1{path}").prepare()
        self._heads: dict[tuple[int, str | None], list[str] | None] = {}

    def problems(self, answer: Mapping[str, Any]) -> list[str] | None:
        """Return what in a journal's answer does not fit; ``None``: the document has nothing to compare it with."""
        headers: Mapping[str, str] = answer["headers"]
        if answer["truncated"] or headers.get("content-encoding", "identity") != "identity":
            return None
        head = answer["status"], headers.get("content-type")
        if head not in self._heads:
            self._heads[head] = self._check_head(*head)
        told = self._heads[head]
        if told is None:
            return None
        return told or self._check_body(*head, answer["body"])

    def _check_head(self, status: int, content_type: str | None) -> list[str] | None:
        """Check status code and content type once, because they are the same for every body."""
        from schemathesis.core.failures import FailureGroup

        response = self._response(status, content_type)
        if not self._document.strict and not self._document._schema.get_content_types(self._operation, response):
            return None
        try:
            self._case.validate_response(response, checks=self._checks)
        except FailureGroup as group:
            return [_one_line(failure) for failure in group.exceptions]
        return []

    def _check_body(self, status: int, content_type: str | None, body: str) -> list[str]:
        from schemathesis.core.failures import Failure, FailureGroup

        try:
            self._operation.validate_response(self._response(status, content_type, body.encode()))
        except Failure as failure:
            return [_place(failure)]
        except FailureGroup as group:
            return [_place(failure) for failure in group.exceptions]
        return []

    def _response(self, status: int, content_type: str | None, body: bytes = b"") -> schemathesis.Response:
        import schemathesis

        headers = {} if content_type is None else {"content-type": [content_type]}
        return schemathesis.Response(status, headers, body, self._request, elapsed=0.0, verify=False)


def requests_of(contract: Contract) -> dict[str, str]:
    """Return what a contract sends, by kind of operation: ``{"query": "GET /v1/orders/${order_no}", ...}``.

    A journal keeps it, so that it can be judged alone.
    """
    operations = order_operations_of(contract)
    return {row.kind.value: f"{part.request.method} {part.request.path}" for row, part in operations}


def judge_responses(history: History, operations: Mapping[OperationKind, DescribedOperation]) -> GuaranteeVerdict:
    """Judge every answer of the provider, order by order; an order's first mismatch is its finding."""
    tally = GuaranteeTally(GUARANTEE, expected=True)
    for answers in _by_order(history).values():
        exposures = 0
        found: list[Finding] = []
        for begin, complete in answers:
            operation = operations.get(OperationKind.SUBMIT if begin.kind is OperationKind.RESUBMIT else begin.kind)
            try:
                problems = operation.problems(complete.answer) if operation and complete.answer else None
            except Exception as error:  # such as a schema in the document that is none
                tally.crashed(begin.order, error)
                continue
            if problems is not None:
                exposures += 1
            if problems and not found:
                found.append(_finding(begin, complete, problems))
        tally.add(exposures, found)
    return tally.verdict(history)


def _by_order(history: History) -> dict[str, list[tuple[Begin, Complete]]]:
    begun: dict[tuple[int, int], Begin] = {}
    answers: dict[str, list[tuple[Begin, Complete]]] = {}
    for event in history.events:
        if type(event) is Begin and event.vantage is history.header.vantage:
            begun[event.op, event.copy] = event
        elif type(event) is Complete and event.vantage is history.header.vantage:
            begin = begun.get((event.op, event.copy))
            if begin is not None:
                answers.setdefault(begin.order, []).append((begin, event))
    return answers


def _finding(begin: Begin, complete: Complete, problems: list[str]) -> Finding:
    told = "; ".join(problems[:_PROBLEMS_TOLD])
    more = f"; and {len(problems) - _PROBLEMS_TOLD} more" if len(problems) > _PROBLEMS_TOLD else ""
    text = (
        f"{request(begin)} was answered {complete.detail}, which the provider's OpenAPI document does not allow:"
        f" {told}{more}"
    )
    evidence = ((begin.op, begin.copy),)
    return Finding(GUARANTEE.id, begin.order, begin.account, Result.VIOLATED, text, complete.at_ns, None, evidence)


def _place(failure: Any) -> str:
    """Return a failure with its place in the answer and in the schema, if it has one."""
    from schemathesis.openapi.checks import JsonSchemaError

    if not isinstance(failure, JsonSchemaError):
        return _one_line(failure)
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in failure.instance_path)
    return f"at ${place}, {failure.validation_message} (schema: {'/'.join(map(str, failure.schema_path))})"


def _one_line(error: object) -> str:
    """Return an error's text on one line: ``Undocumented Content-Type: Received: text/html; Documented:
    application/json``.
    """
    first, *others = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return f"{first}: {'; '.join(others)}" if others else first


def _fits(sent: str, described: str) -> bool:
    """Return whether a contract's path fits a document's template.

    ``${...}`` fits a parameter only; other text fits a parameter or itself.
    """
    ours, theirs = sent.split("/"), described.split("/")
    return len(ours) == len(theirs) and all(
        mine == its or _SEGMENT.search(its) is not None for mine, its in zip(ours, theirs, strict=True)
    )


def _load(path: Path) -> Any:
    try:
        import schemathesis
        from schemathesis.errors import LoaderError
    except ImportError:
        raise UsageError(
            "an OpenAPI document is judged by the package schemathesis, which is not installed.\n"
            "  mend: pip install 'ackord[schemathesis]'"
        ) from None
    expected = "an OpenAPI document, 3.x or Swagger 2.0, in JSON or YAML"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(path, None, f"it cannot be read: {error.strerror}", expected=expected) from None
    except UnicodeDecodeError:
        raise FileError(path, None, "it cannot be read: this is not UTF-8 text", expected=expected) from None
    try:
        schema = schemathesis.openapi.from_file(text, config=schemathesis.Config())
    except LoaderError as error:
        raise FileError(path, None, f"it is no OpenAPI document: {_one_line(error)}", expected=expected) from None
    outside = next(_references_elsewhere(schema.raw_schema), None)
    if outside is not None:
        raise FileError(
            path,
            None,
            f'it refers to "{outside}", which is not in this file',
            expected="a document in one file: nothing is fetched, so that a verdict rests on this file alone",
            mend="bundle it into one file",
        )
    return schema


def _references_elsewhere(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str) and not target.startswith("#"):
            yield target
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references_elsewhere(item)
