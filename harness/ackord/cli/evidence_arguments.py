"""Defines what the commands that read a run's evidence take alike: how they write, and by what answers are judged."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..run.options.run_options import RunOptions
    from ..workload.openapi_check import ApiDocument

__all__ = ["TextForm", "document_for"]


class TextForm(StrEnum):
    """How a command writes its answer."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def document_for(contract: str, options: RunOptions) -> ApiDocument | None:
    """Return the OpenAPI document by which evidence is judged again: the one of ``options``, or that of ``contract``.

    Raises ``UsageError`` for either if it cannot be used.
    """
    from ..contract.loading.loader import PlaceholderEnv, load_contract
    from ..run.resolve import document_of, load_document

    if not contract:
        return load_document(options.openapi, strict=options.openapi_strict)
    loaded = load_contract(contract, env=PlaceholderEnv(os.environ))
    return document_of(loaded, options.openapi, strict=options.openapi_strict)
