"""Secrets are hidden in every spelling, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.errors import FileError, UsageError
from ackord.masking import MARK, has_user_info, hide, mask, mask_bytes, mask_data, without_user_info

SECRET = 'q7/Zx+9=a&b"c<d> %e'
TEXTS = {
    "plain": SECRET,
    "percent": quote(SECRET, safe=""),
    "percent, path": quote(SECRET),
    "form": quote_plus(SECRET),
    "percent, small": quote(SECRET, safe="").lower().replace("zx", "Zx"),
    "percent, all": "".join(f"%{byte:02X}" for byte in SECRET.encode()),
    "json": json.dumps(SECRET)[1:-1],
    "json, all": "".join(f"\\u{ord(c):04x}" for c in SECRET),
    "json in json": json.dumps(json.dumps(SECRET))[1:-1],
    "html": html.escape(SECRET),
    "html, numbers": "".join(c if c.isalnum() else f"&#{ord(c)};" for c in SECRET),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64, for addresses": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "basic": base64.b64encode(f"user:{SECRET}".encode()).decode(),
    "basic, one more": base64.b64encode(f"user1:{SECRET}".encode()).decode(),
    "basic, two more": base64.b64encode(f"user12:{SECRET}x".encode()).decode(),
    "base64, percent": quote(base64.b64encode(SECRET.encode()).decode(), safe=""),
    "hex": SECRET.encode().hex(),
    "hex, capitals": SECRET.encode().hex().upper(),
}


@pytest.mark.parametrize("spelling", TEXTS)
def test_a_secret_is_hidden_in_every_spelling(spelling: str) -> None:
    hide(SECRET)
    text = TEXTS[spelling]
    masked = mask(f"before {text} after")
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert MARK in masked
    assert len(masked) < len("before  after") + 16, "but for the ends of Base64, which hold its neighbours too"
    assert mask_data({"a": [f"x{text}", 7, None]})["a"][1:] == [7, None]
    assert MARK in mask_data({"a": [f"x{text}", 7, None]})["a"][0]
    assert text.encode() not in mask_bytes(b"\xff" + text.encode() + b"\xfe")


_PRINTED = st.characters(exclude_categories=("Cc", "Cs"))


@given(st.text(_PRINTED, min_size=6, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_any_secret_is_gone_from_its_encodings(secret: str, before: str, after: str) -> None:
    try:
        raw = secret.encode()
    except UnicodeEncodeError:
        return
    for text in (before + secret + after, quote(secret, safe=""), raw.hex(), json.dumps(secret), html.escape(secret)):
        masked = mask(text, also=[secret])
        assert secret not in masked or secret in MARK * 20
        assert MARK in masked
    encoded = base64.b64encode((before + secret + after).encode("utf-8", "replace")).decode()
    assert MARK in mask(encoded, also=[secret])


def test_other_text_stays() -> None:
    hide(SECRET, "short", "")
    for text in ("", "short", "q7/Zx+9", "nothing of it", "100% of \\u0041", base64.b64encode(b"another").decode()):
        assert mask(text) == text
    data = {"amount": 123456, "list": (1, 2.5, True, None, "x")}
    hide("123456")
    assert mask_data(data) == {"amount": 123456, "list": [1, 2.5, True, None, "x"]}, "numbers stay numbers"


def test_a_secret_within_another_is_no_way_around() -> None:
    hide("abcdef", "abcdef-ghijkl")
    assert mask("abcdef-ghijkl") == MARK


def test_a_private_key_is_hidden_line_by_line() -> None:
    lines = ["-----BEGIN PRIVATE KEY-----", *(f"{n:02}" + "Ab3" * 20 for n in range(12)), "-----END PRIVATE KEY-----"]
    hide("\\n".join(lines))
    assert lines[5] not in mask(f"it said {lines[5]}")
    assert lines[5] not in mask("\n".join(lines))


def test_errors_show_none() -> None:
    hide(SECRET)
    assert SECRET not in str(UsageError(f"no {SECRET}"))
    assert SECRET not in str(FileError("x.yaml", 3, f"got {SECRET}", mend=f"not {SECRET}"))


def test_user_and_password_of_an_address() -> None:
    assert without_user_info("see https://me:p%40w@host:1/a@b?c=d@e") == f"see https://{MARK}@host:1/a@b?c=d@e"
    assert without_user_info("https://host/a@b") == "https://host/a@b"
    assert has_user_info("https://me@host")
    assert not has_user_info("https://host/me@you")
