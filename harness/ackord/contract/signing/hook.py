"""``hook``: a scheme that another package brings, by name. The contract's file names it and gives it settings; it never holds code itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, model_validator

from ...errors import UnknownNameError, UsageError
from ..fields import Part
from .base import ENTRY_POINT_GROUP, SCHEMES, MerchantSide, ProviderSide, Scheme, load_outsiders
from .keys import Secret, SigningProblem

__all__ = ["SCHEME", "Hook"]


class Hook(Part):
    """A scheme that an installed package registers under the entry point `ackord.signing`."""

    name: str = Field(min_length=1, description="The scheme's name.")
    settings: Any = Field(default={}, description="Its settings: what they are, the package says.")
    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _beside_the_contract(self, info: ValidationInfo) -> Hook:
        self._folder = (info.context or {}).get("folder", Path())
        return self

    def scheme(self) -> tuple[Scheme, Any]:
        """The scheme and its settings. Raises ``SigningProblem``."""
        try:
            load_outsiders()
            scheme = SCHEMES.get(self.name)
        except UnknownNameError as error:
            mend = f"install the package that brings it; it names a Scheme under the entry point {ENTRY_POINT_GROUP}"
            raise SigningProblem(("name",), str(error), mend=mend) from None
        except UsageError as error:
            raise SigningProblem(("name",), str(error)) from None
        if not isinstance(scheme.settings, type) or issubclass(scheme.settings, Secret):
            raise SigningProblem(("name",), f"the scheme {self.name} takes no settings as a mapping")
        try:
            return scheme, scheme.settings.model_validate(self.settings, context={"folder": self._folder})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            field = first.get("ctx", {}).get("field")
            path = ("settings", *first["loc"], *([field] if field else []))
            raise SigningProblem(path, first["msg"]) from None


def _merchant(settings: Hook) -> MerchantSide:
    scheme, its_settings = settings.scheme()
    return scheme.merchant(its_settings)


def _provider(settings: Hook) -> ProviderSide:
    scheme, its_settings = settings.scheme()
    return scheme.provider(its_settings)


SCHEME = Scheme(
    name="hook",
    about="A scheme that another package brings.",
    settings=Hook,
    merchant=_merchant,
    provider=_provider,
)
