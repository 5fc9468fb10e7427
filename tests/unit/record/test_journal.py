"""The journal: what is written is read back, a cut is told from damage, and an edited file is refused."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.core.event import Begin, Complete, Event, FaultChange, LedgerRead, Movement, Phase, ReplicationSample
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import NotFound, Promises
from ackord.errors import FileError, JournalError
from ackord.record.journal import JournalWriter, read_journal

HEADER = RunHeader(
    contract="x",
    profile="none",
    subject="provider",
    vantage=Vantage.PROVIDER,
    seed=7,
    promises=Promises(
        not_found=NotFound.TOLERATED,
        not_found_tolerated_ns=5,
        later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 9),),
    ),
    exposes=("a",),
    requires={"a": ("f",)},
    exposure_window_ns=3,
)
EVENTS: list[Event] = [
    Phase(0, "steady"),
    Begin(1, Vantage.MERCHANT, 1, 0, OperationKind.SUBMIT, "main", "Ü-1", 1, "ab", 100, "A"),
    Complete(
        2, Vantage.MERCHANT, 1, 0, Outcome.OK, Observation.ACK, PaymentState.RECEIVED, "p1", 100, "202", {"status": 202}
    ),
    Complete(3, Vantage.PROVIDER, 1, 1, Outcome.INFO, None, PaymentState.UNKNOWN, None, None, "connection reset", None),
    FaultChange(4, "latency", "armed", "edge", 0, {"ms": 3}),
    ReplicationSample(5, 10, 9, None),
    ReplicationSample(6, 10, 9, 77),
    Movement(7, "main", "Ü-1", "m1", 100, "payout"),
    LedgerRead(8, 1),
]


def write(path: Path, events: list[Event] = EVENTS, *, close: bool = True) -> Path:
    writer = JournalWriter(path, HEADER)
    for event in events:
        writer.add(event)
    writer.close() if close else writer.abandon()
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    history = read_journal(write(tmp_path / "j.jsonl"))
    assert history.events == EVENTS
    assert history.header == HEADER
    assert history.complete


def test_a_journal_without_a_footer_was_cut_off(tmp_path: Path) -> None:
    history = read_journal(write(tmp_path / "j.jsonl", close=False))
    assert history.events == EVENTS
    assert not history.complete


@given(cut=st.integers(1, 5000))
def test_a_journal_cut_anywhere_is_read_up_to_the_last_whole_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = write(tmp_path_factory.mktemp("cut") / "j.jsonl")
    raw = path.read_bytes()
    header_bytes = raw.index(b"\n") + 1
    kept = raw[: max(header_bytes, len(raw) - cut)]
    path.write_bytes(kept)
    history = read_journal(path)
    whole = kept.count(b"\n") - 1
    assert history.events == EVENTS[:whole]
    assert history.complete == (kept == raw)


@pytest.mark.parametrize(
    "line",
    [b"{}", b"not json", b'{"e":"begin"}', b'{"e":"nothing"}', b"[]", b'{"e":"phase","at_ns":1,"name":"x","more":1}'],
)
def test_damage_in_the_middle_names_its_line(tmp_path: Path, line: bytes) -> None:
    path = write(tmp_path / "j.jsonl")
    lines = path.read_bytes().split(b"\n")
    lines[3] = line
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(FileError) as error:
        read_journal(path)
    assert error.value.line == 4


def edited(path: Path, edit: Callable[[list[bytes]], None], *, rechained: bool = False) -> Path:
    """``edit`` changes the lines; ``rechained``: each line's chain is made anew, as a forger would."""
    lines = path.read_bytes().splitlines()
    edit(lines)
    if rechained:
        chain = b""
        for index, line in enumerate(lines):
            body = line[: line.rindex(b',"chain":"')]
            chain = hashlib.blake2b(chain + body, digest_size=8).hexdigest().encode()
            lines[index] = body + b',"chain":"' + chain + b'"}'
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def swap(lines: list[bytes]) -> None:
    lines[4], lines[5] = lines[5], lines[4]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda lines: lines.__setitem__(2, lines[2].replace(b'"amount_minor":100', b'"amount_minor":900')), 3),
        (lambda lines: lines.__delitem__(4), 5),
        (lambda lines: lines.insert(4, lines[4]), 6),
        (swap, 5),
        (lambda lines: lines.__setitem__(0, lines[0].replace(b'"seed":7', b'"seed":8')), 1),
    ],
    ids=["an amount", "a line dropped", "a line doubled", "lines moved", "the header"],
)
@pytest.mark.parametrize("close", [True, False])
def test_an_edit_is_found_at_its_line(
    tmp_path: Path, edit: Callable[[list[bytes]], None], line: int, close: bool
) -> None:
    path = edited(write(tmp_path / "j.jsonl", close=close), edit)
    with pytest.raises(FileError, match="does not follow from the one before it") as error:
        read_journal(path)
    assert error.value.line == line


def test_a_forger_who_makes_the_chain_anew_must_make_the_footer_anew(tmp_path: Path) -> None:
    path = edited(write(tmp_path / "j.jsonl"), lambda lines: lines.__delitem__(4), rechained=True)
    with pytest.raises(FileError, match="states 9 events, the file holds 8"):
        read_journal(path)
    path = edited(write(tmp_path / "j.jsonl"), lambda lines: lines.__setitem__(7, lines[8]), rechained=True)
    with pytest.raises(FileError, match="digest"):
        read_journal(path)


@pytest.mark.parametrize("text", ["", "{}", "hello", '{"ackord":"journal","version":1,"header":{}}', "[1]"])
def test_what_is_no_journal_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text(text)
    with pytest.raises(JournalError):
        read_journal(path)


def test_a_journal_of_another_version_says_so(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text(json.dumps({"ackord": "journal", "version": 99, "header": HEADER.to_json()}) + "\n")
    with pytest.raises(JournalError, match="version 99"):
        read_journal(path)


def test_a_folder_that_cannot_be_written_is_the_user_s_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="--out"):
        JournalWriter(tmp_path / "file" / "j.jsonl", HEADER)


def test_a_folder_is_answered_with_where_its_journals_are(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"\*/journal\.jsonl"):
        read_journal(tmp_path)
    with pytest.raises(FileError) as absent:
        read_journal(tmp_path / "none.jsonl")
    assert "mend" not in str(absent.value)


@pytest.mark.parametrize(
    ("convert", "told"),
    [
        (lambda raw: codecs.BOM_UTF8 + raw, "begins with a byte order mark"),
        (lambda raw: raw.replace(b"\n", b"\r\n"), "CR LF"),
        (lambda raw: raw.decode().encode("utf-16"), "UTF-16"),
        (gzip.compress, "compressed with gzip"),
        (lambda raw: b"", "it is empty"),
    ],
)
def test_a_journal_that_a_program_converted_says_how(
    tmp_path: Path, convert: Callable[[bytes], bytes], told: str
) -> None:
    path = write(tmp_path / "j")
    path.write_bytes(convert(path.read_bytes()))
    with pytest.raises((FileError, JournalError), match=told) as refused:
        read_journal(path)
    assert f"{path}:1: " in str(refused.value)
    assert "mend: " in str(refused.value)


def test_a_line_that_is_no_json_is_told_without_words_of_python(tmp_path: Path) -> None:
    path = write(tmp_path / "j")
    path.write_bytes(path.read_bytes().replace(b'{"e":"begin"', b'{"e":begin"', 1))
    with pytest.raises(FileError, match=r"j:3: this line is not an event: it is no JSON: .* column 6") as refused:
        read_journal(path)
    assert "Error" not in str(refused.value)
