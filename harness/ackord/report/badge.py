"""Writes a badge: ``ackord-badge.json`` for the endpoint of shields.io, and ``ackord-badge.svg``, drawn here.

Grey is whatever proves nothing; green is for what held, to its end.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from ..core.result import CampaignResult
from ..core.verdict import Result
from .campaign_summary import broken, rows
from .files import json_bytes
from .format import count

__all__ = ["JSON_FILE_NAME", "SVG_FILE_NAME", "Badge", "badge_of", "render_json", "render_svg"]

JSON_FILE_NAME = "ackord-badge.json"
SVG_FILE_NAME = "ackord-badge.svg"
_COLORS = {"brightgreen": "#2b7d0f", "red": "#b6382a", "orange": "#a8500b", "lightgrey": "#595959"}
"""Shields' names with the colours of the drawing, on which white letters have a contrast of at least 4.5 to 1."""
_PIXELS_A_LETTER = 6.6
_PADDING = 6


class Badge(NamedTuple):
    label: str
    message: str
    color: str
    """As shields.io calls it."""


def badge_of(result: CampaignResult) -> Badge:
    """Return what a badge says of a campaign."""
    bad = broken(result)
    violated = sum(b.verdict.result is Result.VIOLATED for b in bad)
    match result.result:
        case Result.VIOLATED:
            message, color = f"{violated} violated", "red"
        case Result.UNSAFE:
            message, color = f"{len(bad)} unsafe", "orange"
        case _ if result.ended_by:
            message, color = "not finished", "lightgrey"
        case Result.HELD:
            held = [cells for cells in rows(result).values() if any(g.result is Result.HELD for g in cells.values())]
            message, color = f"{count(len(held), 'guarantee')} held", "brightgreen"
        case Result.ERROR:
            message, color = "judge failed", "lightgrey"
        case _:
            message, color = "inconclusive", "lightgrey"
    return Badge("ackord", message, color)


def render_json(result: CampaignResult) -> bytes:
    """Return the content of ``ackord-badge.json``."""
    badge = badge_of(result)
    return json_bytes({"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.color})


def render_svg(result: CampaignResult) -> bytes:
    """Return the content of ``ackord-badge.svg``: 20 px high, and as wide as its letters need."""
    badge = badge_of(result)
    left, right = (round(len(text) * _PIXELS_A_LETTER) + 2 * _PADDING for text in (badge.label, badge.message))
    said = f"{badge.label}: {badge.message}"
    texts = "".join(
        f'<text x="{x + _PADDING}" y="14" textLength="{width - 2 * _PADDING}">{escape(text)}</text>'
        for text, x, width in ((badge.label, 0, left), (badge.message, left, right))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f"aria-label={quoteattr(said)}><title>{escape(said)}</title>"
        f'<rect width="{left + right}" height="20" rx="3" fill="#333"/>'
        f'<path d="M{left} 0h{right - 3}q3 0 3 3v14q0 3-3 3H{left}z" fill="{_COLORS[badge.color]}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{texts}</g></svg>\n'
    ).encode()
