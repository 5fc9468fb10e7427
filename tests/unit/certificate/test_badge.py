"""A badge is green while its certificate is sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord.certificate.badge import badge_json, certificate_badge
from ackord.certificate.bundle import SUBJECT

from .build import LATER_S, OTHER_KEY, verified


def test_a_sound_one_is_green(bundle: Path) -> None:
    assert json.loads(badge_json(verified(bundle))) == {
        "schemaVersion": 1, "label": "ackord S0", "message": "until 2026-04-02", "color": "brightgreen",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "message"), [({"at_s": LATER_S + 90 * 86_400}, "expired"), ({"key": None}, "signer unknown")]
)
def test_what_proves_nothing_is_grey(bundle: Path, more: dict[str, object], message: str) -> None:
    badge = certificate_badge(verified(bundle, **more))
    assert (badge.message, badge.color) == (message, "lightgrey")


def test_what_is_false_is_red(bundle: Path) -> None:
    badge = certificate_badge(verified(bundle, key=OTHER_KEY.public_key()))
    assert badge == ("ackord certificate", "not valid", "red")
    (bundle / SUBJECT).write_text("x")
    assert certificate_badge(verified(bundle)).color == "red"
