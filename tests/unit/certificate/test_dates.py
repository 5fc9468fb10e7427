"""Times have one spelling."""

from __future__ import annotations

import pytest

from ackord.certificate.dates import unix_of, unix_of_http, written


def test_a_time_is_written_and_read() -> None:
    assert written(1_767_323_045) == "2026-01-02T03:04:05Z"
    assert unix_of("2026-01-02T03:04:05Z") == 1_767_323_045


@pytest.mark.parametrize(
    "text", ["", "2026-01-02", "2026-01-02T03:04:05", "2026-1-2T03:04:05Z", "2026-13-02T03:04:05Z"]
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        unix_of(text)


def test_http_has_its_own_spelling() -> None:
    assert unix_of_http("Fri, 02 Jan 2026 03:04:05 GMT") == 1_767_323_045
    assert unix_of_http("yesterday") is None
