"""Define a contract's body format: a registered encoding, or an extractor with its settings."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, create_model, model_validator

from ..base.body_parsing import UnreadableBody, UnwritableBody, body_bytes
from ..base.charsets import known_charset
from ..base.contract_error import ContractError, DocumentPath
from ..base.field_types import StrictModel, field_problem
from ..base.http_messages import HttpResponse
from ..base.plugins import check_plain, check_reader_writer, checked_writer, failure_reason
from ..body import ENCODINGS, JSON, Encoding
from ..extractors import BUILT_IN, BodyCodec, Extractor

__all__ = ["Charset", "ExtractedEncoding", "ExtractedFormat", "Format", "body_format", "encoding_of"]

if TYPE_CHECKING:
    _EachExtractor = StrictModel
    _EncodingName = str
else:
    _EncodingName = Literal[tuple(ENCODINGS.names())]
    _EachExtractor = create_model(
        "_EachExtractor",
        __base__=StrictModel,
        **{e.name: (e.settings | None, Field(default=None, description=e.about)) for e in BUILT_IN},
    )


def _charset(name: str) -> str:
    return known_charset(name) if name else ""


Charset = Annotated[str, AfterValidator(_charset)]
"""What texts are encoded in; empty: UTF-8."""


class ExtractedFormat(_EachExtractor):
    """A body that is made readable first: exactly one way, with its settings. Its places are those of JSON."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [extractor.name for extractor in BUILT_IN if getattr(self, extractor.name) is not None]
        if len(given) != 1:
            what = f"{' and '.join(given)} together" if given else "no way is given"
            expected = f"exactly one of {', '.join(extractor.name for extractor in BUILT_IN)}"
            raise field_problem(given[-1] if given else BUILT_IN[0].name, what, expected=expected)
        return self

    def way(self) -> tuple[Extractor, Any]:
        """The one that is given, with its settings."""
        return next((e, getattr(self, e.name)) for e in BUILT_IN if getattr(self, e.name) is not None)


Format = Annotated[
    Annotated[_EncodingName, Tag("name")] | Annotated[ExtractedFormat, Tag("way")],
    Discriminator(lambda value: "way" if isinstance(value, dict | ExtractedFormat) else "name"),
    Field(
        description="How bodies of answers are encoded, also those of errors: a name, or what reads them, such as "
        "`{hook: {name: ...}}`."
    ),
]


class ExtractedEncoding(Encoding):
    """Bodies that an extractor reads and writes. Places are those of JSON, and no request has such a body."""

    typed = True

    def __init__(self, name: str, bodies: BodyCodec) -> None:
        self.name, self.shown, self.content_type = name, f"what {name} reads", bodies.content_type
        self._bodies = bodies
        self._write = checked_writer(name, bodies)
        self.writable = self._write is not None

    def renderer(self, data: Any, allowed: Collection[str], path: DocumentPath) -> NoReturn:
        raise ContractError(path, f"nobody knows how to render {self.shown}")

    def read(self, answer: HttpResponse) -> Any:
        body = body_bytes(answer)
        if not body:
            return None
        try:
            document = self._bodies.read(answer.headers, body)
            check_plain(document)
        except Exception as error:
            raise UnreadableBody(f"{answer.status}, {self.name} cannot read it: {failure_reason(error)}") from None
        return document

    def parse(self, body: bytes) -> Any:
        return self.read(HttpResponse(200, {}, body))

    def write(self, document: Any) -> bytes:
        if self._write is None:
            raise UnwritableBody(f"nobody knows how to write {self.shown}")
        return self._write(document)


def body_format(given: Format, at: DocumentPath, charset: str = "") -> Encoding:
    """Compile a contract's ``format``; ``at`` is its place. Raises ``ContractError`` for an unusable format.

    ``charset``: what bodies are encoded in, where that is declared; an extractor sees to that itself.
    """
    if isinstance(given, str):
        return ENCODINGS.get(given).in_charset(charset)
    extractor, settings = given.way()
    try:
        bodies = extractor.make(settings)
        check_reader_writer(bodies, BodyCodec)
    except ContractError as error:
        raise error.under(*at, extractor.name) from None
    return ExtractedEncoding(settings.name if extractor.name == "hook" else extractor.name, bodies)


def encoding_of(given: Format) -> Encoding:
    """Return the encoding by whose rules places are written."""
    return ENCODINGS.get(given) if isinstance(given, str) else JSON
