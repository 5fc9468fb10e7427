"""Properties of framing: messages that are well formed by construction, the same with bytes that do not belong, and two
other parsers as oracles.
"""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .playbook import (
    ALL,
    Meaning,
    Refused,
    answers,
    as_a_careless_server_reads,
    as_h11_is_told,
    as_h11_reads,
    as_httptools_reads,
    forwarded,
    meanings,
    one_by_one,
    requests,
    split,
)

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
TARGETS = st.sampled_from(["/", "/a", "/a/b?c=d&e", "/%20", "/a//b", "/?", "/\x7e;x"]).map(str.encode)
NAMES = st.sampled_from(
    [b"Accept", b"x-a", b"Content-Type", b"IDEMPOTENCY-KEY", b"X!#$%&'*+-.^_`|~9", b"Authorization"]
)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12).map(
    lambda text: text.strip().encode()
) | st.sampled_from([b"a\tb", b"\xe4", b"a, b", b"", b'"quoted, comma"'])
SPACES = st.sampled_from([b"", b" ", b"\t", b"  ", b" \t "])
EXTENSIONS = st.sampled_from([b"", b";a", b";a=b", b' ; a="b c;d"', b"\t;x=1;y", b";\xe4"])
TRAILERS = st.lists(st.sampled_from([b"X-Sum: 1", b"Date: now", b"Etag:", b"X-A:\t\xe4"]), max_size=2)
CUTS = st.lists(st.integers(0, 10_000), max_size=12)


@st.composite
def header_lines(draw: st.DrawFn) -> list[bytes]:
    return [name + b":" + draw(SPACES) + draw(VALUES) + draw(SPACES) for name in draw(st.lists(NAMES, max_size=3))]


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    wire = b""
    while body:
        size = draw(st.integers(1, len(body)))
        number = draw(st.sampled_from([b"%x", b"%X", b"0%x", b"000%X"])) % size
        wire += number + draw(EXTENSIONS) + b"\r\n" + body[:size] + b"\r\n"
        body = body[size:]
    last = draw(st.sampled_from([b"0", b"00"])) + draw(EXTENSIONS) + b"\r\n"
    return wire + last + b"".join(line + b"\r\n" for line in draw(TRAILERS)) + b"\r\n"


class Request(NamedTuple):
    raw: bytes
    means: Meaning


class Answer(NamedTuple):
    raw: bytes
    status: int
    body: bytes
    ends: bool
    """Whether it ends where it says and not with the connection."""


@st.composite
def well_formed_requests(draw: st.DrawFn) -> Request:
    method, target, body = draw(METHODS), draw(TARGETS), draw(st.binary(max_size=60))
    lines = draw(header_lines())
    old = draw(st.integers(0, 9)) == 0
    host = draw(st.sampled_from([b"Host: x", b"host:provider.example:8080", b"HOST: [::1]:80", b"Host:"]))
    ask = target
    if host != b"Host:" and draw(st.integers(0, 4)) == 0:
        ask = b"http://elsewhere" + target
    framing = draw(st.sampled_from(["none", "length", "chunked"]))
    if framing == "chunked" and not old:
        lines.append(draw(st.sampled_from([b"Transfer-Encoding: chunked", b"transfer-encoding:Chunked\t"])))
        wire = draw(chunked(body))
    elif framing == "none":
        wire = body = b""
    else:
        lines.append(draw(st.sampled_from([b"Content-Length: %d", b"content-length:0%d "])) % len(body))
        wire = body
    if not old:
        lines += draw(st.sampled_from([[], [b"Connection: keep-alive"], [b"Connection: x-a, TE"], [b"Upgrade: h2c"]]))
    lines = draw(st.permutations([*lines, host]))
    empty = draw(st.sampled_from([b"", b"", b"\r\n", b"\r\n\r\n"]))
    head = b"%s %s HTTP/1.%d" % (method.encode(), ask, not old)
    return Request(empty + b"\r\n".join([head, *lines, b"", b""]) + wire, Meaning(method, target, body))


@st.composite
def well_formed_answers(draw: st.DrawFn, method: str) -> Answer:
    status = draw(st.sampled_from([200, 201, 202, 204, 304, 400, 404, 429, 503, 599, 999]))
    body = draw(st.binary(max_size=60))
    lines, ends, old = draw(header_lines()), True, draw(st.integers(0, 9)) == 0
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    if framing == "chunked" and not old:
        lines.append(b"Transfer-Encoding: chunked")
        wire = draw(chunked(body))
    elif framing == "close":
        wire, ends = body, False
    else:
        lines.append(b"Content-Length: %d" % len(body))
        wire = body
    if method == "HEAD" or status in (204, 304):
        wire, body, ends = b"", b"", True
    interim = draw(
        st.sampled_from([b"", b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", b"HTTP/1.1 100 \r\n\r\n"])
    )
    reason = draw(st.sampled_from([b" OK", b" ", b" \xe4\t!"]))
    head = b"HTTP/1.%d %d" % (not old, status) + reason
    return Answer(interim + b"\r\n".join([head, *draw(st.permutations(lines)), b"", b""]) + wire, status, body, ends)


NASTY = st.sampled_from(
    [
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\x00",
        b"\x0b",
        b"\x7f",
        b"\xa0",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"#",
        b"0",
        b"0x",
        b"+",
        b"-",
        b"_",
        b"ffffffffffffffff",
        b"Content-Length: 3\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length : 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding\t: chunked\r\n",
        b"Connection: transfer-encoding\r\n",
        b"Connection: close\r\n",
        b"Host: other\r\n",
        b" folded\r\n",
        b"Upgrade: websocket\r\n",
        b"Expect: 100-continue\r\n",
        b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
        b"0\r\n\r\n",
        b"HTTP/1.0",
    ]
) | st.binary(min_size=1, max_size=3)
EDITS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 6), NASTY), min_size=1, max_size=4)


def edited(raw: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """``raw`` with bytes taken out and others put in; most often near the end of a line, where parsers differ."""
    for where, drop, instead in edits:
        ends = [at for at in range(len(raw)) if raw[at : at + 2] == b"\r\n"]
        at = ends[where % len(ends)] if ends and where % 3 else where % (len(raw) + 1)
        at += 2 if where % 2 else 0
        raw = raw[:at] + instead + raw[at + drop % 4 * (drop > 3) :]
    return raw


@calm
@given(st.lists(well_formed_requests(), min_size=1, max_size=4), CUTS)
def test_well_formed_requests_mean_what_they_were_made_to_mean_however_they_are_split(
    sent: list[Request], cuts: list[int]
) -> None:
    raw = b"".join(request.raw for request in sent)
    whole = requests(raw, keep=ALL)
    assert meanings(whole) == [request.means for request in sent]
    assert len(whole) == len(sent)
    assert requests(*split(raw, cuts), keep=ALL) == whole
    assert requests(*one_by_one(raw), keep=ALL) == whole


@calm
@given(METHODS.flatmap(lambda method: st.tuples(st.just(method), well_formed_answers(method))), CUTS)
def test_well_formed_answers_mean_what_they_were_made_to_mean_however_they_are_split(
    told: tuple[str, Answer], cuts: list[int]
) -> None:
    method, answer = told
    whole = answers(answer.raw, method=method, end=True, keep=ALL)
    assert (whole[-1].status, whole[-1].content) == (answer.status, answer.body)
    assert all(interim.status < 200 for interim in whole[:-1])
    before_the_end = [each.status for each in answers(answer.raw, method=method, keep=ALL)]
    assert (answer.status in before_the_end) == answer.ends
    assert answers(*split(answer.raw, cuts), method=method, end=True, keep=ALL) == whole
    assert answers(*one_by_one(answer.raw), method=method, end=True, keep=ALL) == whole


@calm
@given(METHODS.flatmap(lambda method: st.tuples(st.just(method), well_formed_answers(method))))
def test_a_merchant_reads_an_answer_as_it_was_meant(told: tuple[str, Answer]) -> None:
    method, answer = told
    assume(b" ;" not in answer.raw and b"\t;" not in answer.raw)  # RFC 9112, 7.1.1 has it read; h11 does not
    passed_on = forwarded(answers(answer.raw, method=method, end=True, keep=ALL))
    assert as_h11_is_told(passed_on, method)[-1] == (answer.status, answer.body)


PLAIN_LINES = st.lists(
    st.sampled_from([b"Content-Length: 3\r\n", b"content-length:5\r\n", b"Transfer-Encoding: chunked\r\n"]),
    min_size=1,
    max_size=2,
)
ODD_LINES = st.builds(
    lambda name, space, value, end: name + b":" + space + value + end,
    st.sampled_from(
        b"Content-Length|Content-Length "
        b"|Transfer-Encoding|Transfer-Encoding\t|\tTransfer-Encoding|Connection|Host| X".split(b"|")
    ),
    st.sampled_from([b"", b" ", b"\t", b"\x0b", b"\n ", b"\r\n ", b"\xa0", b"\x00"]),
    st.sampled_from(
        b"0|3|03|+3|0x3|3, 5|3,3|1_0|99999999999999999999||chunked|xchunked|gzip, chunked|,chunked|chunked,chunked|"
        b"close, content-length|transfer-encoding|x|chunked\rX: y|3\nX: y".split(b"|")
    ),
    st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"]),
)
BODIES = st.lists(
    st.sampled_from(
        b"abc|0\r\n\r\n|3\r\nabc\r\n0\r\n\r\n|3\r\nabc\r\n|5\r\nabcde\r\n|03;x=y\r\nabc\r\n|0x3\r\nabc\r\n|3 "
        b"\r\nabc\r\n|3\nabc\n|0\r\n\r\n|0\r\nHost: y\r\n\r\n|"
        b"10000000000000003\r\nabc\r\n|GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n".split(b"|")
    ),
    max_size=3,
).map(b"".join)


@st.composite
def doubtful_requests(draw: st.DrawFn) -> bytes:
    """A request whose header lines leave it in doubt where it ends, with a body to suit."""
    lines = draw(PLAIN_LINES)
    if draw(st.integers(0, 2)) == 0:
        lines.append(draw(ODD_LINES))
    return b"POST / HTTP/1.1\r\n" + b"".join(draw(st.permutations([*lines, b"Host: x\r\n"]))) + b"\r\n" + draw(BODIES)


def must_be_read_in_one_way(raw: bytes, cuts: list[int]) -> None:
    """RFC 9112, 11.2: the provider gets what the gateway recorded, or nothing."""
    seen = requests(raw, keep=ALL)
    assert requests(*split(raw, cuts), keep=ALL) == seen
    recorded, sent = meanings(seen), forwarded(seen)
    again = requests(sent, keep=ALL)
    assert [(m.forward, m.wire) for m in again] == [(m.forward, m.wire) for m in seen if not isinstance(m, Refused)]
    for read in (as_httptools_reads, as_h11_reads):
        theirs = read(sent)
        assert theirs == recorded[: len(theirs)], read.__name__
    for last in (False, True):
        for chunks_first in (False, True):
            assert as_a_careless_server_reads(sent, last=last, chunks_first=chunks_first) == recorded


@calm
@given(st.lists(well_formed_requests(), min_size=1, max_size=3), EDITS, CUTS)
def test_a_request_that_was_tampered_with_is_read_in_one_way(
    sent: list[Request], edits: list[tuple[int, int, bytes]], cuts: list[int]
) -> None:
    must_be_read_in_one_way(edited(b"".join(request.raw for request in sent), edits), cuts)


@settings(calm, max_examples=500)
@given(st.lists(doubtful_requests(), min_size=1, max_size=2).map(b"".join), CUTS)
def test_a_request_whose_end_is_in_doubt_is_read_in_one_way(raw: bytes, cuts: list[int]) -> None:
    must_be_read_in_one_way(raw, cuts)


@calm
@given(METHODS.flatmap(lambda method: st.tuples(st.just(method), well_formed_answers(method))), EDITS, CUTS)
def test_an_answer_that_was_tampered_with_reads_the_same_for_the_merchant_or_is_cut(
    told: tuple[str, Answer], edits: list[tuple[int, int, bytes]], cuts: list[int]
) -> None:
    method, answer = told
    raw = edited(answer.raw, edits)
    seen = answers(raw, method=method, end=True, keep=ALL)
    assert answers(*split(raw, cuts), method=method, end=True, keep=ALL) == seen
    whole = [message for message in seen if not isinstance(message, Refused)]
    last = next((n for n, message in enumerate(whole, 1) if message.status >= 200), len(whole))
    theirs = as_h11_is_told(forwarded(whole[:last]), method)
    assert theirs == [(message.status, message.content) for message in whole[:last]][: len(theirs)]
