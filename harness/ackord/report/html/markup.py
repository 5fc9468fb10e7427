"""Builds HTML from texts that nobody vouches for: each is masked, bounded and escaped, and what a browser or a reader
would obey in it is made visible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from ...masking import longest_spelling, mask_data
from ..format import printable

__all__ = ["chart_text", "code", "details", "json_for_script", "listing", "raw", "safe", "scrolled", "table"]

_LONGEST = 300
"""The most characters of a text."""
_LONGEST_RAW = 2_000
"""The most characters of a raw answer's body."""
_ENDS_A_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
"""Characters without width, which can hide or turn what stands beside them."""


def safe(text: object, longest: int = _LONGEST) -> str:
    """Return ``text`` on one line, escaped for an element or a quoted attribute. It says how much was cut off."""
    said = str(text)
    # No secret that begins in the part that is shown is cut in two before it is masked.
    shown = _visible(printable(said[: longest + longest_spelling()]))[:longest]
    rest = len(said) - longest
    return escape(shown) + (f"… ({rest:,} more characters)" if rest > 0 else "")


def raw(text: str, longest: int = _LONGEST_RAW) -> str:
    """Return ``text`` with its lines, escaped. It says how much was cut off."""
    head = text[: longest + longest_spelling()]
    lines = [_visible(printable(line.replace("\t", "    "))) for line in head.replace("\r\n", "\n").split("\n")]
    shown = "\n".join(lines)[:longest]
    rest = len(text) - longest
    return escape(shown) + (f"\n… ({rest:,} more characters are in the journal)" if rest > 0 else "")


def _visible(text: str) -> str:
    """Return ``text`` with characters without width written out."""
    return text if text.isascii() else _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def chart_text(text: object, longest: int = 60) -> str:
    """Return a text for the charting library, which reads a subset of HTML and its entities."""
    return safe(text, longest)


def json_for_script(data: Any) -> str:
    """Return ``data`` as JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(mask_data(data), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_ENDS_A_SCRIPT)


def code(text: object, longest: int = 2_000) -> str:
    """Return a command or a name as code."""
    return f"<code>{safe(text, longest)}</code>"


def listing(items: Iterable[str], classes: str = "") -> str:
    """Return a list of items that are markup already; empty without items."""
    rows = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul{_class(classes)}>{rows}</ul>" if rows else ""


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    classes: str = "",
) -> str:
    """Return a table in a region that scrolls. All texts are markup already; the first cell of a row is its head."""
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    whole = f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return scrolled(caption, f"<table{_class(classes)}>{whole}</table>")


def scrolled(name: str, inner: str) -> str:
    """Return a region that scrolls sideways, also by the keyboard."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{inner}</div>'


def details(summary: str, inner: str, *, classes: str = "", open_: bool = False) -> str:
    """Return a part that opens by a click or a key."""
    return f"<details{_class(classes)}{' open' if open_ else ''}><summary>{summary}</summary>{inner}</details>"


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""
