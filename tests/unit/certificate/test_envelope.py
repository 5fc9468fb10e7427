"""Envelopes are those of DSSE, as `securesystemslib` reads them, and have one spelling."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from ackord.certificate.envelope import PAYLOAD_TYPE, open_envelopes, seal
from ackord.certificate.keys import fingerprint

from .build import KEY, OTHER_KEY

SEALED = seal([{"b": 1, "a": "ü"}, {"c": [1.5, None]}], KEY)


def test_another_library_verifies_it() -> None:
    mine, other = (SSlibKey.from_crypto(k.public_key(), keyid=fingerprint(k.public_key())) for k in (KEY, OTHER_KEY))
    for line in SEALED.splitlines():
        envelope = Envelope.from_dict(json.loads(line))
        assert list(envelope.verify([mine], 1)) == [fingerprint(KEY.public_key())]
        assert envelope.payload_type == PAYLOAD_TYPE == "application/vnd.in-toto+json"
        with pytest.raises(VerificationError):
            envelope.verify([other], 1)


def test_it_is_opened() -> None:
    first, second = open_envelopes(SEALED)
    assert (first.statement, second.statement) == ({"b": 1, "a": "ü"}, {"c": [1.5, None]})
    assert first.key_id == fingerprint(KEY.public_key())
    assert first.signed_by(KEY.public_key())
    assert not first.signed_by(OTHER_KEY.public_key())


def loose(line: bytes) -> bytes:
    data = json.loads(line)
    data["payload"] = data["payload"].replace("+", "-").replace("/", "_").rstrip("=")
    return json.dumps(data, separators=(",", ":"), sort_keys=True).encode()


def other_payload(line: bytes) -> bytes:
    data = json.loads(line)
    data["payload"] = base64.b64encode(b'{"a": 1}').decode()
    return json.dumps(data, separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line + b" ",
        lambda line: line.replace(b":", b": ", 1),
        lambda line: line.replace(b"{", b'{"more":1,', 1),
        lambda line: line.replace(b'"payloadType":"app', b'"payloadType":"App', 1),
        lambda line: line.replace(b'"signatures":[', b'"signatures":[{},', 1),
        lambda line: line.replace(b'"signatures":', b'"signatures":[],"signatures":', 1),
        lambda line: line[:-5],
        lambda line: b"[]",
        lambda line: b"\xff",
        loose,
        other_payload,
    ],
)
def test_no_other_spelling_is_taken(change: Callable[[bytes], bytes]) -> None:
    first, second = SEALED.splitlines()
    for data in (change(first) + b"\n" + second + b"\n", first + b"\n" + change(second) + b"\n"):
        if data != SEALED:
            with pytest.raises(ValueError):
                open_envelopes(data)


@pytest.mark.parametrize("data", [SEALED[:-1], SEALED + b"\n", SEALED.replace(b"\n", b"\r\n"), b"\n", b"{}\n"])
def test_no_other_lines_are_taken(data: bytes) -> None:
    with pytest.raises(ValueError):
        open_envelopes(data)
