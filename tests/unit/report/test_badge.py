from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.report.badge import _COLORS, badge_of, render_json, render_svg

from .build import ONCE, VISIBLE, campaign, judged, profile

CASES = [
    (campaign(profile("a", judged(), judged(ONCE))), "2 guarantees held", "brightgreen"),
    (campaign(profile("a", judged(result=Result.VIOLATED), judged(ONCE, Result.UNSAFE))), "1 violated", "red"),
    (campaign(profile("a", judged(result=Result.VIOLATED)), failure="gone"), "1 violated", "red"),
    (campaign(profile("a", judged(), judged(ONCE, Result.UNSAFE))), "1 unsafe", "orange"),
    (campaign(profile("a", judged()), interrupted=True), "not finished", "lightgrey"),
    (campaign(profile("a", judged(VISIBLE, Result.ERROR, "crashed"))), "judge failed", "lightgrey"),
    (campaign(profile("a", judged(VISIBLE, Result.INCONCLUSIVE, "too little"))), "inconclusive", "lightgrey"),
    (campaign(), "inconclusive", "lightgrey"),
]


@pytest.mark.parametrize(("result", "message", "color"), CASES)
def test_only_what_held_to_its_end_is_green(result: CampaignResult, message: str, color: str) -> None:
    assert badge_of(result) == ("ackord", message, color)
    assert json.loads(render_json(result)) == {
        "schemaVersion": 1,
        "label": "ackord",
        "message": message,
        "color": color,
    }


@pytest.mark.parametrize("color", ["#333", *_COLORS.values()])
def test_white_letters_can_be_read_on_every_colour(color: str) -> None:
    """A contrast of 4.5 to 1, as WCAG 2.2 defines it (1.4.3)."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


@pytest.mark.parametrize(("result", "message", "color"), CASES)
def test_the_picture_says_the_same(result: CampaignResult, message: str, color: str) -> None:
    root = ET.fromstring(render_svg(result))
    assert root.get("aria-label") == f"ackord: {message}"
    assert [e.text for e in root.iter() if e.tag.endswith("text")] == ["ackord", message]
    right = next(e for e in root.iter() if e.tag.endswith("rect"))
    assert right.get("width") == root.get("width")
