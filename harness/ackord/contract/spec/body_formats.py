"""Define a contract's body format: a built-in format (json, form, xml) or a plug-in with its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, create_model, model_validator

from ..base.field_types import StrictModel, field_problem
from ..extractors import BUILT_IN, Extractor

__all__ = ["ExtractedFormat", "Format", "places_of"]

if TYPE_CHECKING:
    _EachExtractor = StrictModel
else:
    _EachExtractor = create_model(
        "_EachExtractor",
        __base__=StrictModel,
        **{e.name: (e.settings | None, Field(default=None, description=e.about)) for e in BUILT_IN},
    )


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
    Annotated[Literal["json", "form", "xml"], Tag("name")] | Annotated[ExtractedFormat, Tag("way")],
    Discriminator(lambda value: "way" if isinstance(value, dict | ExtractedFormat) else "name"),
    Field(
        description="How bodies of answers are encoded, also those of errors: a name, or what reads them, such as "
        "`{hook: {name: ...}}`."
    ),
]


def places_of(form: Format) -> str:
    """The format by whose rules places are written: ``json``, ``form`` or ``xml``."""
    return form if isinstance(form, str) else "json"
