"""Generates JSON Schemas for editors from the models."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from ..spec.model import Contract

__all__ = ["json_schema", "schema_of", "schema_text"]


def schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of file."""
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a contract."""
    return schema_of(Contract, "Ackord contract")


def schema_text(schema: dict[str, Any]) -> str:
    """Return the text of a published schema file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
