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
    expected = _KINDS.get(kind) or _sentence(error["msg"])
    return ContractError(path, problem, expected, "")


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
    for prefix in ("Value error, ", "Input should be "):
        message = message.removeprefix(prefix)
    return message
