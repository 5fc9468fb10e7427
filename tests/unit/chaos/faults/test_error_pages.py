"""Pages of boxes on the way."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.error_pages import error_page


@pytest.mark.parametrize(
    ("status", "title", "said"),
    [
        (404, "404 Not Found", "was not found on this server"),
        (503, "503 Service Unavailable", "origin server"),
        (599, "599 Error", "origin server"),
    ],
)
def test_a_page_names_its_status_and_what_is_missing(status: int, title: str, said: str) -> None:
    page = error_page(status)
    assert f"<title>{title}</title>" in page
    assert said in page
