"""What RFC 9110 and RFC 9112 demand of a recipient, clause by clause; the clause is in each case's name."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.gateway.http1.framing import HEAD_LIMIT_BYTES

from .playbook import ALL, Refused, answers, as_h11_reads, as_httptools_reads, forwarded, meanings, one_by_one, requests
from .test_conversations import Stage, on_stage

HOST = b"Host: x\r\n"


def get(*lines: bytes, target: bytes = b"/", version: bytes = b"HTTP/1.1", host: bytes = HOST) -> bytes:
    return b"GET " + target + b" " + version + b"\r\n" + host + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def chunks(wire: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", body=wire)


REFUSED = {
    # The start line.
    "9112-2.2 bare LF ends the request line": (b"GET / HTTP/1.1\nHost: x\n\n", 400),
    "9112-2.2 bare LF ends a header line": (b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", 400),
    "9112-2.2 bare LF before the request": (b"\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "9112-2.2 bare CR in a header": (get(b"A: b\rC: d"), 400),
    "9112-2.2 bare CR in the request line": (b"GET /\r HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "9112-2.2 white space before the first header": (get(host=b" Host: x\r\n"), 400),
    "9112-2.3 no version": (b"GET /\r\nHost: x\r\n\r\n", 400),
    "9112-2.3 version in lower case": (get(version=b"http/1.1"), 400),
    "9112-2.3 version with two digits": (get(version=b"HTTP/1.10"), 400),
    "9112-2.3 version without a dot": (get(version=b"HTTP/11"), 400),
    "9110-15.6.6 HTTP/2": (get(version=b"HTTP/2.0"), 505),
    "9110-5.5 control character after another version": (get(b"A: \x0b", version=b"HTTP/4.1"), 400),
    "9110-15.6.6 HTTP/0.9": (get(version=b"HTTP/0.9"), 505),
    "9113-3.4 preface of HTTP/2 without upgrade": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "9112-3 two spaces": (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "9112-3 tab for a space": (b"GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "9112-3 space in the target": (get(target=b"/a b"), 400),
    "9112-3 space after the version": (get(version=b"HTTP/1.1 "), 400),
    "9112-3 target too long": (get(target=b"/" + b"a" * HEAD_LIMIT_BYTES), 414),
    "9112-3 garbage": (b"a" * (HEAD_LIMIT_BYTES + 10), 431),
    "9112-3.1 NUL in the method": (b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "9112-3.1 empty method": (b" / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "9112-3.1 no token as method": (b"G{T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "9112-3.2 NUL in the target": (get(target=b"/\x00"), 400),
    "9112-3.2 DEL in the target": (get(target=b"/\x7f"), 400),
    "9112-3.2 fragment in the target": (get(target=b"/a#b"), 400),
    "9112-3.2 relative target": (get(target=b"a/b"), 400),
    "9112-3.2.2 other scheme": (get(target=b"ftp://x/"), 400),
    "9110-4.2.1 absolute form without a host": (get(target=b"http:///a"), 400),
    "9110-4.2.4 absolute form with user information": (get(target=b"http://me:pw@x/"), 400),
    "9112-3.2.3 authority form without CONNECT": (get(target=b"x:80"), 400),
    "9110-9.3.6 CONNECT": (b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 501),
    "9112-3.2.4 asterisk without OPTIONS": (get(target=b"*"), 400),
    # Host.
    "9112-3.2 Host missing": (get(host=b""), 400),
    "9112-3.2 Host twice": (get(b"Host: x"), 400),
    "9112-3.2 Host twice in HTTP/1.0": (get(b"Host: y", version=b"HTTP/1.0"), 400),
    "9112-3.2 Host is two": (get(host=b"Host: x, y\r\n"), 400),
    "9112-3.2 Host with a path": (get(host=b"Host: x/y\r\n"), 400),
    "9112-3.2 Host with user information": (get(host=b"Host: me@x\r\n"), 400),
    "9112-3.2 Host with a port that is no number": (get(host=b"Host: x:y\r\n"), 400),
    # Header lines.
    "9112-5.1 space before the colon": (get(b"A : b"), 400),
    "9112-5.1 tab before the colon": (get(b"A\t: b"), 400),
    "9112-5.1 vertical tab before the colon": (get(b"A\x0b: b"), 400),
    "9112-5.1 space before the colon of Transfer-Encoding": (
        post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
        400,
    ),
    "9112-5.1 no colon": (get(b"no colon"), 400),
    "9110-5.1 no name": (get(b": b"), 400),
    "9110-5.1 name that is no token": (get(b"A(b): c"), 400),
    "9112-5.2 folded line": (get(b"A: b", b" folded"), 400),
    "9112-5.2 folded with a tab": (get(b"Transfer-Encoding:", b"\tchunked"), 400),
    "9110-5.5 NUL in a value": (get(b"A: \x00"), 400),
    "9110-5.5 control character in a value": (get(b"A: b\x01"), 400),
    "9110-5.4 head too large": (get(b"A: " + b"a" * HEAD_LIMIT_BYTES), 431),
    "9110-5.4 too many lines": (get(*[b"A: b"] * 20_000), 431),
    "9110-7.6.1 Connection names Content-Length": (
        post(b"Connection: content-length", b"Content-Length: 3", body=b"abc"),
        400,
    ),
    "9110-7.6.1 Connection names Host": (get(b"Connection: close, HOST"), 400),
    "9110-10.1.1 another expectation": (get(b"Expect: 200-maybe"), 417),
    "9110-10.1.1 another expectation besides": (get(b"Expect: 100-continue, tea"), 417),
    # Where a body ends.
    "9112-6.1 Transfer-Encoding in HTTP/1.0": (get(b"Transfer-Encoding: chunked", version=b"HTTP/1.0"), 400),
    "9112-6.1 coding that is not understood": (post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 501),
    "9112-6.1 codings on two lines": (post(b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked"), 501),
    "9112-6.3 chunked is not last": (post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"), 400),
    "9112-6.3 identity": (post(b"Transfer-Encoding: identity"), 400),
    "9112-6.3 xchunked": (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 400),
    "9112-6.3 chunkedx": (post(b"Transfer-Encoding: chunkedx", body=b"0\r\n\r\n"), 400),
    "9112-6.3 no coding": (post(b"Transfer-Encoding:", body=b"0\r\n\r\n"), 400),
    "9112-6.3 empty coding": (post(b"Transfer-Encoding: ,chunked", body=b"0\r\n\r\n"), 400),
    "9112-6.3 quoted": (post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"), 400),
    "9112-6.3 no-break space": (post(b"Transfer-Encoding: \xa0chunked", body=b"0\r\n\r\n"), 400),
    "9112-6.3 vertical tab": (post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"), 400),
    "9112-6.1 chunked twice": (post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400),
    "9112-6.1 chunked twice on a line": (post(b"Transfer-Encoding: chunked, chunked"), 400),
    "9112-6.3 Transfer-Encoding and Content-Length": (
        post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        400,
    ),
    "9112-6.3 Content-Length and Transfer-Encoding": (
        post(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n"),
        400,
    ),
    "9112-6.3 two lengths": (post(b"Content-Length: 3", b"Content-Length: 4", body=b"abcd"), 400),
    "9110-8.6 the same length twice": (post(b"Content-Length: 3", b"content-length: 3", body=b"abc"), 400),
    "9110-8.6 list of lengths": (post(b"Content-Length: 3, 3", body=b"abc"), 400),
    "9110-8.6 sign": (post(b"Content-Length: +3", body=b"abc"), 400),
    "9110-8.6 negative": (post(b"Content-Length: -1"), 400),
    "9110-8.6 hexadecimal": (post(b"Content-Length: 0x3", body=b"abc"), 400),
    "9110-8.6 space within": (post(b"Content-Length: 1 0", body=b"a" * 10), 400),
    "9110-8.6 underscore within": (post(b"Content-Length: 1_0", body=b"a" * 10), 400),
    "9110-8.6 no number": (post(b"Content-Length:"), 400),
    "9110-8.6 overflow": (post(b"Content-Length: 18446744073709551619", body=b"abc"), 400),
    "9110-8.6 digits of another script": (
        post("Content-Length: \N{ARABIC-INDIC DIGIT THREE}".encode(), body=b"abc"),
        400,
    ),
    # Chunks.
    "9112-7.1 0x": (chunks(b"0x3\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 sign": (chunks(b"+3\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 negative": (chunks(b"-1\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 space before the size": (chunks(b" 3\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 space after the size": (chunks(b"3 \r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 no size": (chunks(b"\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 overflow of the size": (chunks(b"10000000000000003\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 size line ends with LF": (chunks(b"3\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 size line with a bare CR": (chunks(b"3\rX\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 chunk longer than its size": (chunks(b"3\r\nabcX\r\n0\r\n\r\n"), 400),
    "9112-7.1 chunk shorter than its size": (chunks(b"5\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1 chunk ends with LF": (chunks(b"3\r\nabc\n0\r\n\r\n"), 400),
    "9112-7.1.1 LF in an extension": (chunks(b"3;a\nb\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1.1 NUL in an extension": (chunks(b"3;a\x00\r\nabc\r\n0\r\n\r\n"), 400),
    "9112-7.1.1 endless extension": (chunks(b"3;" + b"a" * 5000), 400),
    "9112-7.1.2 no trailer": (chunks(b"0\r\nnot a trailer\r\n\r\n"), 400),
    "9112-7.1.2 folded trailer": (chunks(b"0\r\nA: b\r\n c\r\n\r\n"), 400),
    "9112-7.1.2 endless trailers": (chunks(b"0\r\n" + b"A: b\r\n" * 5000), 400),
    "9110-6.5.1 Content-Length as a trailer": (chunks(b"0\r\nContent-Length: 5\r\n\r\n"), 400),
    "9110-6.5.1 Transfer-Encoding as a trailer": (chunks(b"0\r\nTRANSFER-encoding: chunked\r\n\r\n"), 400),
    "9110-6.5.1 Host as a trailer": (chunks(b"0\r\nHost: y\r\n\r\n"), 400),
    # Our own.
    "ackord header among the trailers": (chunks(b"0\r\nackord-op: 1\r\n\r\n"), 400),
    "ackord header twice": (get(b"ackord-op: 1", b"Ackord-Op: 2"), 400),
    "ackord header without a colon": (get(b"ackord-op"), 400),
    "ackord header with a control character": (get(b"ackord-key: a\x01/1/1"), 400),
    "TLS on a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
}


@pytest.mark.parametrize(("raw", "status"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_is_refused(raw: bytes, status: int) -> None:
    assert requests(raw) == [Refused(status)]
    if len(raw) < 1000:
        assert requests(*one_by_one(raw)) == [Refused(status)]


@pytest.mark.parametrize(("raw", "status"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_answered_and_nothing_goes_to_the_provider(raw: bytes, status: int) -> None:
    """RFC 9112, 9.6: the connection is closed after it, and says so."""

    async def play(stage: Stage) -> None:
        stage.merchant.receive(raw)
        stage.merchant.receive(b"GET /after HTTP/1.1\r\nHost: x\r\n\r\n")
        await stage.settle()
        head, _, body = stage.merchant.take().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d " % status)
        assert b"\r\nConnection: close" in head
        assert b'"code":"ACKORD_BAD_REQUEST"' in body
        assert body.count(b"HTTP/1.1") <= 1  # in the words about a version, and no second answer
        assert stage.upstreams == []

    assert on_stage(play).records == []


PASSED: dict[str, tuple[bytes, bytes]] = {
    "9112-2.2 empty lines before a request": (b"\r\n\r\n" + get(), get()),
    "9112-2.3 a newer minor version is sent on as ours": (get(version=b"HTTP/1.7"), get()),
    "9112-3.2.2 absolute form": (get(target=b"http://x/a?b"), get(target=b"/a?b")),
    "9112-3.2.2 absolute form with another Host": (
        get(b"A: b", target=b"HTTP://y:80/a"),
        get(b"A: b", target=b"/a", host=b"Host: y:80\r\n"),
    ),
    "9112-3.2.2 absolute form without a path": (get(target=b"https://y?q"), get(target=b"/?q", host=b"Host: y\r\n")),
    "9112-3.2.2 absolute form in HTTP/1.0 without Host": (
        get(b"A: b", target=b"http://y/", version=b"HTTP/1.0", host=b""),
        get(b"A: b", version=b"HTTP/1.0", host=b"Host: y\r\n"),
    ),
    "9112-3.2.4 asterisk form": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
    "9112-3.2.4 asterisk form as absolute form": (
        b"OPTIONS http://y HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: y\r\n\r\n",
    ),
    "9112-3.2 HTTP/1.0 without Host": (
        get(version=b"HTTP/1.0", host=b""),
        get(version=b"HTTP/1.0", host=b""),
    ),
    "9112-3.2 empty Host": (get(host=b"Host:\r\n"), get(host=b"Host:\r\n")),
    "9110-9.1 unknown method": (get().replace(b"GET", b"M-SEARCH"), get().replace(b"GET", b"M-SEARCH")),
    "9110-7.6.1 hop-by-hop headers stay here": (
        get(
            b"Connection: X-Hop, close", b"X-Hop: 1", b"TE: trailers", b"Keep-Alive: 5", b"Proxy-Connection: x", b"A: b"
        ),
        get(b"A: b"),
    ),
    "9110-7.8 an upgrade is not offered on": (get(b"Upgrade: websocket", b"Connection: Upgrade"), get()),
    "9110-10.1.1 100-continue is answered here": (get(b"Expect: 100-Continue"), get()),
    "9110-10.1.1 HTTP/1.0 expects nothing": (
        get(b"Expect: tea", version=b"HTTP/1.0"),
        get(version=b"HTTP/1.0"),
    ),
    "9112-7.1 letters of both cases and leading zeros": (
        chunks(b"000a\r\n0123456789\r\n0A\r\n0123456789\r\n00\r\n\r\n"),
        chunks(b"000a\r\n0123456789\r\n0A\r\n0123456789\r\n00\r\n\r\n"),
    ),
    "9112-7.1.1 extensions and trailers": (
        chunks(b'3 ; a="b"\r\nabc\r\n0;z\r\nX-Sum: 1\r\n\r\n'),
        chunks(b'3 ; a="b"\r\nabc\r\n0;z\r\nX-Sum: 1\r\n\r\n'),
    ),
    "9110-5.5 other bytes than ASCII in a value": (get(b"A: \xe4"), get(b"A: \xe4")),
}


@pytest.mark.parametrize(("raw", "sent"), PASSED.values(), ids=PASSED)
def test_a_request_that_passes(raw: bytes, sent: bytes) -> None:
    for seen in (requests(raw, keep=ALL), requests(*one_by_one(raw), keep=ALL)):
        assert forwarded(seen) == sent
        assert len(seen) == 1
        assert as_h11_reads(sent) in (meanings(seen), [])  # h11 knows no white space before an extension
        assert as_httptools_reads(sent) in (meanings(seen), [])


OK = b"HTTP/1.1 200 OK\r\n"
NO_ANSWER = {
    "9112-2.2 empty line before it": b"\r\n" + OK + b"Content-Length: 0\r\n\r\n",
    "9112-4 not HTTP": b"220 mail ESMTP\r\n\r\n",
    "9112-4 another major version": b"HTTP/2 200 OK\r\n\r\n",
    "9112-4 two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "9112-4 leading zero": b"HTTP/1.1 020 OK\r\nContent-Length: 0\r\n\r\n",
    "9112-4 bare LF": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "9112-4 control character in the reason": b"HTTP/1.1 200 \x01\r\nContent-Length: 0\r\n\r\n",
    "9110-15.2.2 switched protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "9112-5.2 folded line": OK + b"A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "9112-6.1 Transfer-Encoding in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "9112-6.3 both lengths": OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "9112-6.3 two lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "9112-6.3 length that is no number": OK + b"Content-Length: two\r\n\r\nab",
    "9112-6.3 coding that is not understood": OK + b"Transfer-Encoding: gzip\r\n\r\nab",
    "9112-7.1 no size": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "9110-6.5.1 Content-Length as a trailer": OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n",
}


@pytest.mark.parametrize("raw", NO_ANSWER.values(), ids=NO_ANSWER)
def test_an_answer_that_is_none(raw: bytes) -> None:
    assert answers(raw, end=True) == [Refused()]
    assert answers(*one_by_one(raw), end=True) == [Refused()]


TOLD: dict[str, tuple[bytes, str, list[tuple[int, bytes]]]] = {
    "9112-5.1 space before a colon is taken out": (
        OK + b"Content-Length \t: 2\r\n\r\nok",
        "GET",
        [(200, OK + b"Content-Length: 2\r\n\r\nok")],
    ),
    "9112-2.3 HTTP/1.0 is sent on as ours": (
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "GET",
        [(200, OK + b"Content-Length: 2\r\n\r\nok")],
    ),
    "9110-8.6 no length with 204": (
        b"HTTP/1.1 204 \r\nContent-Length: 5\r\nA: b\r\n\r\n",
        "GET",
        [(204, b"HTTP/1.1 204 \r\nA: b\r\n\r\n")],
    ),
    "9110-15.4.5 length of what 304 does not carry": (
        b"HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n",
        "GET",
        [(304, b"HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n")],
    ),
    "9110-9.3.2 HEAD": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        "HEAD",
        [(200, OK + b"Transfer-Encoding: chunked\r\n\r\n")],
    ),
    "9110-15.2 interim answers": (
        b"HTTP/1.1 103 \r\nLink: x\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
        "GET",
        [(103, b"HTTP/1.1 103 \r\nLink: x\r\n\r\n"), (200, OK + b"Content-Length: 0\r\n\r\n")],
    ),
    "9112-6.3 until the connection ends": (OK + b"\r\nall", "GET", [(200, OK + b"\r\nall")]),
    "9110-15 status of no known class": (
        b"HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n",
        "GET",
        [(799, b"HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n")],
    ),
}


@pytest.mark.parametrize(("raw", "method", "told"), TOLD.values(), ids=TOLD)
def test_an_answer_that_passes(raw: bytes, method: str, told: list[tuple[int, bytes]]) -> None:
    for pieces in ([raw], one_by_one(raw)):
        seen: list[Any] = answers(*pieces, method=method, end=True)
        assert [(message.status, message.forward + message.wire) for message in seen] == told
