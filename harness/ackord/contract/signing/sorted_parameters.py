"""Signatures over parameters sorted by name, the Chinese way: what ``alipay_rsa2``, ``wechat_v2`` and ``unionpay`` have in common."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

__all__ = ["Pairs", "read_form", "repeated_name", "sorted_string", "with_pairs"]

Pairs = list[tuple[str, str]]

_MAX_FIELDS = 1000


def read_form(text: str) -> Pairs | None:
    """The fields of a form, or of an address after ``?``; ``None`` for what is none."""
    try:
        return (
            parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS)
            if text
            else []
        )
    except ValueError:
        return None


def repeated_name(pairs: Pairs) -> str | None:
    """A name that is given more than once: nobody could say which of its values was signed."""
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            return name
        names.add(name)
    return None


def sorted_string(pairs: Iterable[tuple[str, str]], *without: str, blank: bool = False) -> str:
    """``a=1&b=2``, by name, values as they are; ``blank`` keeps empty ones."""
    return "&".join(f"{name}={value}" for name, value in sorted(pairs) if name not in without and (blank or value))


def with_pairs(form: str, pairs: Pairs) -> str:
    """A form with more fields at its end."""
    return "&".join(filter(None, (form, urlencode(pairs))))
