"""Which headers of an answer a record keeps."""

from __future__ import annotations

from ackord.chaos.gateway.http1.fields import record_header, recorded


def test_a_header_that_a_contract_reads_is_kept_beside_the_usual_ones_and_no_other_is() -> None:
    lines = [b"Content-Type: a/b", b"X-Sig-Of-A-Test: s", b"Set-Cookie: secret"]
    assert recorded(lines) == {"content-type": "a/b"}
    record_header(["X-Sig-Of-A-Test"])
    assert recorded(lines) == {"content-type": "a/b", "x-sig-of-a-test": "s"}


def test_a_record_joins_the_values_of_a_repeated_header_as_the_transports_do() -> None:
    assert recorded([b"Link: <a>", b"link:  <b> ", b"LINK:c"]) == {"link": "<a>, <b>, c"}
