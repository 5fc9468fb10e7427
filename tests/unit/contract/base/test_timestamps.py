"""Times of statements: zones that stand beside them, and formats of numbers that are read without strptime."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.timestamps import TimestampFormat

NOON_S = 1_795_867_200
"""2026-11-28 12:00 UTC."""


@pytest.mark.parametrize(
    ("text", "at_s"),
    [
        ("28/11/2026 12:00:00 UTC", NOON_S),
        ("28/11/2026 13:00:00 Europe/Berlin", NOON_S),
        ("28/11/2026 13:00:00 CET", NOON_S),
        ("28/11/2026 20:00:00 +08:00", NOON_S),
        ("28/11/2026 04:00:00 PST", NOON_S),
    ],
)
def test_a_zone_that_stands_beside_the_time(text: str, at_s: int) -> None:
    assert TimestampFormat("%d/%m/%Y %H:%M:%S %Z").read(text, "it") == at_s


@pytest.mark.parametrize(
    "text", ["28/11/2026 12:00:00 CST", "28/11/2026 12:00:00", "28/11/2026 12:00:00 Europe/Atlantis"]
)
def test_a_zone_that_is_none_or_several_is_told(text: str) -> None:
    with pytest.raises(UnreadableBody, match="cannot be read"):
        TimestampFormat("%d/%m/%Y %H:%M:%S %Z").read(text, "it")


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y", "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M|Europe/Berlin"])
@given(at=st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)), noise=st.sampled_from(["", " ", "x", "\n"]))
def test_the_quick_way_reads_as_strptime_does(form: str, at: datetime, noise: str) -> None:
    quick, slow = TimestampFormat(form), TimestampFormat(form)
    slow._numbers = None
    text = at.replace(tzinfo=UTC).strftime(form.partition("|")[0]) + noise
    assert _outcome(quick, text) == _outcome(slow, text)


def _outcome(form: TimestampFormat, text: str) -> object:
    try:
        return form.read(text, "it")
    except UnreadableBody as why:
        return str(why)
