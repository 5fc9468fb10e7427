"""A signer who lies: alters a bundle, makes every hash anew, and signs it with the same key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ackord.certificate.bundle import ENVELOPES, EVIDENCE, PAGE, bundle_files, made_reports, read_evidence
from ackord.certificate.envelope import open_envelopes, seal
from ackord.certificate.page import certificate_page
from ackord.certificate.statement import as_test_result, run_id
from ackord.core.event import Event
from ackord.core.history import RunHeader
from ackord.record.journal import JournalWriter, read_journal

from .build import KEY

__all__ = ["rejournaled", "reports_made_anew", "resigned", "result_changed", "statement_of"]

Json = dict[str, Any]
JOURNAL = f"{EVIDENCE}/none/journal.jsonl"


def statement_of(bundle: Path) -> Json:
    return open_envelopes((bundle / ENVELOPES).read_bytes())[0].statement


def resigned(
    bundle: Path, change: Callable[[Json], object] = lambda predicate: None, *, key: Ed25519PrivateKey = KEY
) -> Path:
    """Take the files as they are, change the predicate, and sign. Nothing of the old signature is left."""
    statement = statement_of(bundle)
    predicate = statement["predicate"]
    change(predicate)
    for _ in range(2):  # the page is one of the files, and tells of the others
        files = bundle_files(bundle)
        journals = {p["name"]: files[f"{EVIDENCE}/{p['name']}/journal.jsonl"] for p in predicate["suite"]["profiles"]}
        for profile in predicate["suite"]["profiles"]:
            profile["journal_sha256"] = journals[profile["name"]]
            profile["sha256"] = files[f"{EVIDENCE}/profiles/{profile['name']}.yaml"]
        predicate["claim"]["run"] = run_id(journals)
        predicate["evidence"] = [{"name": n, "digest": {"sha256": d}} for n, d in sorted(files.items())]
        for resource in statement["subject"]:
            resource["digest"]["sha256"] = files.get(resource["name"], resource["digest"]["sha256"])
        (bundle / PAGE).write_bytes(certificate_page(statement))
    (bundle / ENVELOPES).write_bytes(seal([statement, as_test_result(statement)], key))
    return bundle


def reports_made_anew(bundle: Path) -> None:
    """Make the reports fit the evidence, as it is judged now."""
    for name, content in [*made_reports(read_evidence(bundle), bundle)]:
        (bundle / name).write_bytes(content)


def result_changed(bundle: Path, change: Callable[[Json], object]) -> None:
    """Edit result.json."""
    file = bundle / EVIDENCE / "result.json"
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data, indent=1) + "\n")


def rejournaled(
    bundle: Path,
    change: Callable[[list[Event]], list[Event]] = lambda events: events,
    header: Callable[[RunHeader], RunHeader] = lambda header: header,
) -> None:
    """Write the journal anew, with a chain and a footer that fit, and tell result.json its digest."""
    history = read_journal(bundle / JOURNAL)
    writer = JournalWriter(bundle / JOURNAL, header(history.header))
    events = change(history.events)
    assert events != history.events or header(history.header) != history.header
    for event in events:
        writer.add(event)
    writer.close()
    digest = hashlib.sha256((bundle / JOURNAL).read_bytes()).hexdigest()
    result_changed(bundle, lambda data: data["profiles"][0].update(journal_sha256=digest))
