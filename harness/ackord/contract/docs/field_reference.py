"""Renders a JSON Schema as a Markdown field reference: one section per model, one row per field."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["section", "sections", "table", "type_text"]


def section(name: str, part: dict[str, Any], defs: dict[str, Any] | None = None) -> str:
    """Return one section: its heading, description and fields; ``defs`` are the schema's definitions."""
    text = f"### {name}\n\n{_flat(part.get('description', ''))}\n"
    rows = []
    required = part.get("required", [])
    for field, schema in part.get("properties", {}).items():
        default = "**required**" if field in required else f"`{_default(schema)}`"
        rows.append([f"`{field}`", type_text(schema, defs or {}), default, _flat(schema.get("description", ""))])
    return f"{text}\n{table(['field', 'is', 'default', 'meaning'], rows)}" if rows else text


def sections(schema: dict[str, Any], root: str, skip: frozenset[str] = frozenset()) -> str:
    """Return the root and all models that it uses, in the order of their first use."""
    defs = schema.get("$defs", {})
    order: list[str] = []

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in order and name not in skip:
                if "properties" in defs[name]:
                    order.append(name)
                visit(defs[name])
            for key, value in node.items():
                if key != "$defs":
                    visit(value)
        elif isinstance(node, list):
            for item in node:
                visit(item)

    visit(schema)
    parts = [section(root, schema, defs)]
    return "\n".join([*parts, *(section(name, defs[name], defs) for name in order)])


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def type_text(schema: dict[str, Any], defs: dict[str, Any]) -> str:
    """Describe a field's type: models link to their sections, enumerations are listed."""
    if "x-shown-as" in schema:
        return str(schema["x-shown-as"])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        part = defs.get(name, {})
        return type_text(part, defs) if "enum" in part else f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " · ".join(f"`{value}`" for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(type_text(option, defs) for option in schema[key])
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return f"list of {len(schema['prefixItems'])}: {type_text(schema['prefixItems'][0], defs)}"
        return f"list of {type_text(schema.get('items', {}), defs)}"
    if kind == "object":
        more = schema.get("additionalProperties")
        values = [*schema.get("patternProperties", {}).values(), more if isinstance(more, dict) else {}]
        return f"mapping of names to {type_text(values[0], defs)}"
    if kind == "string":
        return _string(schema)
    if kind in ("integer", "number"):
        return _number(schema)
    return {"boolean": "true or false", "null": "null"}.get(str(kind), "any value")


def _string(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    if "ms|s|m" in pattern:
        return "duration"
    if pattern == r"^\$":
        return "place (`$.a.b[0]`)"
    if pattern.endswith(r"|header\.)"):
        return "place"
    return "name" if pattern.startswith("^[a-z0-9]") else "text"


def _number(schema: dict[str, Any]) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum")
    kind = "whole number" if schema["type"] == "integer" else "number"
    more = " over" if "exclusiveMinimum" in schema else " from"
    return kind + (f"{more} {low}" if low is not None else "") + (f" to {high}" if high is not None else "")


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    if isinstance(value, dict) and value and "$ref" in schema:
        return "see there"
    return json.dumps(value)


def _flat(text: str) -> str:
    """Join docstrings and descriptions to one line."""
    return re.sub(r"\s+", " ", text).strip()
