"""Translates pydantic's validation errors: where, what is wrong, what was expected, how to mend it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ...errors import did_you_mean, dotted
from ..base.contract_error import ContractError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["explain_error"]

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number, without quotes",
    "float_type": "a number, without quotes",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
}


_PATTERNS = {
    "^[A-Z]{3}$": "a code of ISO 4217, such as EUR",
    "^[a-z0-9][a-z0-9-]{0,62}$": "small letters, digits and hyphens, at most 63, with no hyphen in front",
    "^/": "a path that begins with /",
    "^https?://": "an address that begins with http:// or https://",
    "^postgres(ql)?://": "an address such as postgresql://user@127.0.0.1:5432/name",
    r"^\d{4}-\d{2}(-\d{2})?$": "a month or a day, such as 2026-11 or 2026-11-28",
}
"""What a pattern of the models means."""


def explain_error(error: ErrorDetails, data: Any, secret: Collection[tuple[str | int, ...]]) -> ContractError:
    """Explain one error with its place in ``data``. Values at ``secret`` places are never shown."""
    path = _place(error["loc"], data)
    context: dict[str, Any] = error.get("ctx", {})
    kind = error["type"]
    if kind == "field_problem":
        path = (*path, context["field"])
        return ContractError(path, f'"{dotted(path)}": {context["problem"]}', context["expected"], "")
    if kind == "missing":
        name = str(error["loc"][-1])
        where = f' in "{dotted(path)}"' if path else ""
        return ContractError(path, f'the field "{name}" is missing{where}', "", f"add {name}:")
    shown = "" if path in secret or kind == "secret" else f" (got {_shown(error['input'])})"
    problem = f'"{dotted(path)}" cannot be used{shown}'
    if kind == "union_tag_invalid":
        known = [tag.strip(" '") for tag in str(context["expected_tags"]).split(",")]
        tag = str(context["tag"])
        key = str(context["discriminator"]).strip("'")
        problem = f'"{dotted((*path, key))}": "{tag}" is not known.{did_you_mean(tag, known)}'
        return ContractError((*path, key), problem, f"one of {', '.join(known)}", "")
    if kind == "union_tag_not_found":
        key = str(context["discriminator"]).strip("'")
        return ContractError(path, f'the field "{key}" is missing in "{dotted(path)}"', "", f"add {key}:")
    if kind in ("literal_error", "enum"):
        hint = did_you_mean(
            str(error["input"]), [w.strip("'") for w in context["expected"].replace(" or ", ", ").split(", ")]
        )
        return ContractError(path, problem + ("." + hint if hint else ""), f"one of {context['expected']}", "")
    expected = _KINDS.get(kind) or _bound(kind, context) or _sentence(error["msg"])
    return ContractError(path, problem, expected, "")


def _bound(kind: str, context: dict[str, Any]) -> str:
    """Return what a pattern or a length demands; empty for errors of other kinds."""
    match kind:
        case "string_pattern_mismatch":
            return _PATTERNS.get(context["pattern"]) or f"text that matches {context['pattern']}"
        case "string_too_short":
            least = context["min_length"]
            return f"text of at least {least} character{'' if least == 1 else 's'}"
        case "string_too_long":
            return f"text of at most {context['max_length']} characters"
        case "too_short":
            least = context["min_length"]
            return f"at least {least} item{'' if least == 1 else 's'}, and there are {context['actual_length']}"
        case "too_long":
            return f"at most {context['max_length']} items"
    return ""


def _place(loc: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """Return ``loc`` without pydantic's own steps (names of union members, ``[key]``), as far as it
    exists in the data.
    """
    path: list[str | int] = []
    for part in loc:
        inside = (
            part in data
            if isinstance(data, dict)
            else isinstance(part, int) and part < len(data)
            if isinstance(data, list)
            else False
        )
        if inside:
            path.append(part)
            data = data[part]
    return tuple(path)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _sentence(message: str) -> str:
    """Return pydantic's words, or those of a validator of ours, behind the word ``expected:``."""
    for prefix in ("Value error, ", "Input should be ", "expected "):
        message = message.removeprefix(prefix)
    return message
