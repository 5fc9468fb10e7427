"""What a journal keeps of an answer: allowed headers, the beginning of the body, and no secret."""

from __future__ import annotations

import pytest

from ackord.masking import hide
from ackord.record.redaction import BODY_BYTES, HEADERS, raw_answer, redacted_answer

SECRET = "q7/Zx+9=aW3&b(c)d!e"


def test_headers_that_are_not_allowed_are_left_out() -> None:
    headers = {"content-type": "text/plain", "set-cookie": "a=b", "x-signature": "s"}
    assert redacted_answer(200, headers, b"", truncated=False, kept_headers={*HEADERS, "x-signature"})["headers"] == {
        "content-type": "text/plain",
        "x-signature": "s",
    }


@pytest.mark.parametrize("body", [b"it said %s.", b"\xff\xfe it said %s."], ids=["text", "bytes"])
def test_a_secret_in_the_body_is_masked_and_the_rest_can_be_read_again(body: bytes) -> None:
    hide(SECRET)
    kept = redacted_answer(200, {}, body % SECRET.encode(), truncated=False)
    assert raw_answer(kept).body == body % b"***"
    assert SECRET not in str(kept)


@pytest.mark.parametrize("shown", range(1, len(SECRET) + 1))
@pytest.mark.parametrize("cut_before", [True, False])
def test_a_secret_that_the_end_cuts_in_two_is_not_kept(shown: int, cut_before: bool) -> None:
    hide(SECRET)
    body = b"x" * (BODY_BYTES - shown) + SECRET.encode()
    kept = redacted_answer(200, {}, body[:BODY_BYTES] if cut_before else body, truncated=cut_before)
    assert kept["truncated"] is (cut_before or len(body) > BODY_BYTES)
    assert not (set(kept["body"]) - {"x", "*"})


def test_without_secrets_all_that_fits_is_kept() -> None:
    assert len(redacted_answer(200, {}, b"x" * 20_000, truncated=False)["body"]) == BODY_BYTES
