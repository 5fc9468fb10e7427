"""Writes CERTIFICATE.md: what a certificate says, for people, made from its statement alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..core.clock import MS

__all__ = ["certificate_page"]

Json = Mapping[str, Any]


def certificate_page(statement: Json) -> bytes:
    """Return the page of a certificate."""
    return ("\n".join(_lines(statement["predicate"])) + "\n").encode()


def _lines(data: Json) -> Iterator[str]:
    claim, subject, suite, judged = data["claim"], data["subject"], data["suite"], data["judged"]
    yield f"# {claim['level']}: {_plain(subject['product'])}"
    yield ""
    yield f"{claim['title']}."
    yield ""
    yield "| | |"
    yield "|---|---|"
    rows = {
        "vendor": subject["vendor"],
        "product": f"{subject['product']} {subject['version']}",
        "environment": subject["environment"],
        "judged": f"{judged['provider']}, by the contract {judged['contract']}, at {judged['started']}",
        "suite": f"Ackord {suite['version']}, catalogue {suite['catalogue']['version']}, budget {suite['budget']}, "
        f"seed {suite['seed']}",
        "issued": claim["issued"],
        "expires": claim["expires"],
        "challenge": claim["nonce"] or "none: nobody but the signer vouches for when it was made",
        "run": claim["run"],
    }
    for name, value in rows.items():
        yield f"| {name} | {_plain(str(value))} |"
    yield from _guarantees(data)
    if data["left_out"]:
        yield ""
        yield "Not put to the test here, because the target has no seam for it:"
        yield ""
        yield from (f"- `{p['profile']}`: {_plain(p['reason'])}" for p in data["left_out"])
    yield from _landing(data)
    yield ""
    yield "## What it proves"
    yield ""
    yield from (f"- {sentence}" for sentence in data["proves"])
    yield ""
    yield "## What it does not prove"
    yield ""
    yield from (f"- {sentence}" for sentence in data["does_not_prove"])
    for why, count in data["unread_answers"].items():
        yield f"- {count} raw answers could not be read again: {_plain(why)}."


def _guarantees(data: Json) -> Iterator[str]:
    yield ""
    yield "## Guarantees"
    yield ""
    yield "| guarantee | | result | exposures | profiles |"
    yield "|---|---|---|---|---|"
    asked = [row for row in data["guarantees"] if row["strength"]]
    for row in asked:
        judged = [name for name, cell in row["profiles"].items() if cell["result"] != "NOT_APPLICABLE"]
        cells = [f"`{row['id']}`", row["strength"], row["result"], f"{row['exposures_count']:,}", ", ".join(judged)]
        yield f"| {' | '.join(cells)} |"
    beside = [
        row for row in data["guarantees"] if not row["strength"] and row["result"] not in ("HELD", "NOT_APPLICABLE")
    ]
    if beside:
        yield ""
        yield "Seen beside, and no part of this level:"
        yield ""
        yield from (f"- `{row['id']}` is {row['result']}" for row in beside)


def _landing(data: Json) -> Iterator[str]:
    promised_ns = data["promises"].get("lands_within_ns")
    yield ""
    yield "## Landing window"
    yield ""
    promised = "no bound" if promised_ns is None else f"{promised_ns / MS:g} ms"
    yield f"The contract promises {promised}. Measured, from the acknowledgement until an order is visible for good:"
    yield ""
    yield "| profile | orders | not found at first | half | 99 % | recommended buffer |"
    yield "|---|---|---|---|---|---|"
    for profile, w in data["landing"].items():
        buffer = "-" if w["recommended_buffer_ms"] is None else f"{w['recommended_buffer_ms']} ms"
        cells = [profile, w["orders"], w["seen_missing"], _ms(w["p50_ns"]), _ms(w["p99_ns"]), buffer]
        yield f"| {' | '.join(map(str, cells))} |"


def _ms(ns: int | None) -> str:
    return "-" if ns is None else f"{ns / MS:.1f} ms"


def _plain(text: str) -> str:
    """Return text that cannot end its cell or become markup."""
    return "".join(f"\\{c}" if c in "\\|`*_<>[]#" else c for c in " ".join(text.split()))
