"""Builds strings of parameters sorted by name, which ``alipay_rsa2``, ``wechat_v2`` and ``unionpay`` sign."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

__all__ = ["Pairs", "read_form", "repeated_name", "sorted_string", "with_pairs"]

Pairs = list[tuple[str, str]]

_MAX_FIELDS = 1000


def read_form(text: str) -> Pairs | None:
    """Parse the fields of a form or a query; ``None`` if it is neither."""
    try:
        return (
            parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS)
            if text
            else []
        )
    except ValueError:
        return None


def repeated_name(pairs: Pairs) -> str | None:
    """Return a name that occurs more than once, because it is ambiguous which of its values was signed."""
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            return name
        names.add(name)
    return None


def sorted_string(pairs: Iterable[tuple[str, str]], *without: str, blank: bool = False) -> str:
    """Return ``a=1&b=2``, sorted by name, values unchanged; ``blank`` keeps empty ones."""
    return "&".join(f"{name}={value}" for name, value in sorted(pairs) if name not in without and (blank or value))


def with_pairs(form: str, pairs: Pairs) -> str:
    """Return a form with more fields appended."""
    return "&".join(filter(None, (form, urlencode(pairs))))
