"""Writes and reads ``result.json``, a campaign's results for machines. Its schema is ``result.schema.json`` beside it.

Every quantity carries its unit in its name (``_ms``, ``_ns``, ``_bytes``, ``_count``, ``_share``). ``VERSION`` changes
when readers must change. ``missing`` and ``next_steps`` are there only where something is missing: a file without them
is an older one, or one of a run that lacks nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.clock import MS
from ..core.history import History
from ..core.landing import LandingWindow
from ..core.result import CampaignResult, LeftOutProfile, ProfileResult
from ..core.verdict import Finding, GuaranteeVerdict
from ..errors import FileError
from ..guarantees.merchant.catalogue import guarantee_named
from .campaign_summary import labelled, remarks
from .coverage_text import unproven
from .explanation import Explainer
from .fault_context import replication_proof
from .files import json_bytes, write_file
from .missing_evidence import steps_to_json

__all__ = ["EXPLAINED", "FILE_NAME", "VERSION", "read", "reading", "render", "schema", "to_json", "write"]

FILE_NAME = "result.json"
VERSION = 1
EXPLAINED = 3
"""Number of findings of one guarantee under one profile that are explained in full; the others have summary and
evidence only.
"""

Json = dict[str, Any]


def write(result: CampaignResult, path: Path) -> None:
    """Write ``result`` to ``path``. Raises ``FileError``."""
    write_file(path, render(result, path.parent), masked=True)


def render(result: CampaignResult, folder: Path) -> bytes:
    """Return the file's content. Paths of journals are relative to ``folder``."""
    return json_bytes(to_json(result, folder))


def read(path: Path) -> Json:
    """Return the content of a ``result.json``. Raises ``FileError`` for any other file, and for one of another
    version.
    """
    try:
        data: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unreadable(path, f"it is no JSON: {error}") from error
    if not isinstance(data, dict) or data.get("ackord") != "result":
        raise _unreadable(path)
    if data.get("version") != VERSION:
        raise _unreadable(path, f"it is of version {data.get('version')}, and {VERSION} is read here")
    return data


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong with the parts of a result that was ``read`` from ``path`` into one ``FileError``."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as why:
        raise _unreadable(path) from why


def _unreadable(path: Path, why: str = "") -> FileError:
    return FileError(
        path,
        None,
        f"this is not a result of Ackord{why and f': {why}'}",
        expected=f"the {FILE_NAME} of a run, as the run wrote it",
        mend="restore the file; `ackord audit` judges the journals without it",
    )


def schema() -> Json:
    """Return the published JSON Schema (draft 2020-12)."""
    data: Json = json.loads(files(__package__).joinpath("result.schema.json").read_text(encoding="utf-8"))
    return data


def to_json(result: CampaignResult, folder: Path) -> Json:
    """Return the file's content. Paths of journals are relative to ``folder``."""
    steps = steps_to_json(result)
    return {
        "ackord": "result",
        "version": VERSION,
        "tool_version": __version__,
        "contract": result.contract,
        "contract_file": result.contract_file,
        "provider": result.provider,
        "subject": result.subject,
        "target": result.target,
        "flaw": result.flaw,
        "seed": result.seed,
        "budget": result.budget,
        "started": result.started,
        "elapsed_ms": _ms(result.elapsed_ns),
        "options": result.options,
        "provider_version": result.provider_version,
        "shard": result.shard.to_json() if result.shard is not None else None,
        "result": result.result.value,
        "exit_code": result.exit_code,
        "repeat_command": result.repeat,
        "not_run": list(result.not_run),
        "left_out": [_left_out(p) for p in result.left_out],
        "unproven": [
            {"guarantee": u.guarantee, "reason": u.reason, "left_out_profiles": list(u.left_out)}
            for u in unproven(result)
        ],
        "required": list(result.required),
        "unasked": [{"what": u.what, "name": u.name, "sections": list(u.sections)} for u in result.unasked],
        "doubts": list(result.doubts),
        **({"next_steps": steps} if steps else {}),
        "failure": result.failure,
        "profiles": [_profile(label, p, folder) for label, p in labelled(result)],
    }


def _profile(label: str, p: ProfileResult, folder: Path) -> Json:
    explainer = Explainer(p.history, repeat=p.repeat)
    path = Path(p.journal)
    return {
        "profile": p.profile,
        "label": label,
        "result": p.verdict.result.value,
        "complete": p.verdict.complete,
        "cut_short": p.cut_short,
        "operations_count": p.operations,
        "elapsed_ms": _ms(p.elapsed_ns),
        "journal": Path(os.path.relpath(path, folder)).as_posix(),
        "journal_sha256": _sha256(path),
        "repeat_command": p.repeat,
        "notes": remarks(p),
        "faults": _faults(p.history),
        "replication": _replication(p.history, ""),
        "read_model": _replication(p.history, "read-model"),
        "landing": _landing(p.landing) if p.landing is not None else None,
        "guarantees": [_guarantee(g, explainer) for g in p.verdict.guarantees],
    }


def _left_out(p: LeftOutProfile) -> Json:
    return {"profile": p.profile, "reason": p.reason, "exposes": list(p.exposes), "proves": list(p.proves)}


def _guarantee(g: GuaranteeVerdict, explainer: Explainer) -> Json:
    known = guarantee_named(g.guarantee)
    return {
        "id": g.guarantee,
        "title": known.title if known else "",
        "clause": known.clause if known else "",
        "result": g.result.value,
        "reason": g.reason,
        **({"missing": g.missing.value} if g.missing is not None else {}),
        "exposures_count": g.exposures,
        "orders_count": g.orders,
        "violations_count": g.violations,
        "follows_from": g.follows_from,
        "findings": [_finding(f, explainer if i < EXPLAINED else None) for i, f in enumerate(g.findings)],
    }


def _finding(f: Finding, explainer: Explainer | None) -> Json:
    return {
        "order": f.order,
        "account": f.account,
        "result": f.result.value,
        "summary": f.summary,
        "at_ns": f.at_ns,
        "staleness_ms": _ms(f.staleness_ns),
        "evidence": [{"op": op, "copy": copy} for op, copy in f.evidence],
        "movements": list(f.movements),
        "safe_policies": list(f.safe_policies),
        "follows_from": f.follows_from,
        "explanation": explainer.explain(f).text() if explainer is not None else None,
    }


def _faults(history: History) -> list[Json]:
    """Count how often each fault was armed, proven effective and healed, and the operations that it fired on, in the
    order of first events.
    """
    counts: dict[str, Counter[str]] = {}
    fired_on: set[tuple[str, int]] = set()
    for f in history.faults:
        count = counts.setdefault(f.fault, Counter())
        if f.change == "fired" and f.op:
            if (f.fault, f.op) in fired_on:
                continue  # another action on the same operation
            fired_on.add((f.fault, f.op))
        count[f.change] += 1
    return [
        {
            "fault": fault,
            "effective": fault in history.effective_faults,
            **{f"{change}_count": n[change] for change in ("armed", "fired", "effective", "healed")},
        }
        for fault, n in counts.items()
    ]


def _replication(history: History, replica: str) -> Json | None:
    """Return the replication figures; ``None`` without a sample, because no lag is then proven."""
    samples = history.replication.get(replica)
    if not samples:
        return None
    behind_bytes, probe_ns = replication_proof(samples)
    return {
        "samples_count": len(samples),
        "max_behind_bytes": behind_bytes,
        "max_probe_lag_ms": _ms(probe_ns),
    }


def _landing(w: LandingWindow) -> Json:
    """Return the landing window in milliseconds from the acknowledgement; names of counts get their unit."""
    data: Json = {}
    for name, value in asdict(w).items():
        if name.endswith("_ns"):
            data[f"{name.removesuffix('_ns')}_ms"] = _ms(value)
        elif name.endswith(("_ms", "_share")):
            data[name] = value
        else:
            data[f"{name}_count"] = value
    return data


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / MS


def _sha256(path: Path) -> str | None:
    """Return the digest; ``None`` for a missing journal."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
