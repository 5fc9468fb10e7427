"""What docs/EVIDENCE.md says of every shipped contract: how it speaks, how orders are asked for, and what its emulator
is judged to be.

``python tests/live/shipped_table.py`` runs them all and prints the table.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.contract.spec.model import Contract
from ackord.core.operation import Observation
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

__all__ = ["HEAD", "PROFILES", "certified", "row"]

PROFILES = ("none", "replica-lag", "lost-answers")
HEAD = (
    "| contract | speaks | orders are asked for | promises of it that are open | its emulator is |\n"
    "|---|---|---|---|---|"
)


def certified(
    name: str, out: Path, seed: int, profiles: Sequence[str] = PROFILES, budget: str = "standard"
) -> list[ProfileResult]:
    """The contract's emulator under the profiles."""
    plan = make_plan(RunOptions(name, target="emulator", profiles=profiles, seed=seed, budget=budget, out=out))
    with Session(plan) as session:
        return [session.run(load_profile(profile)) for profile in profiles]


def row(name: str, results: Iterable[ProfileResult]) -> str:
    contract = load_contract(name, env=PlaceholderEnv()).contract
    cells = (f"`{name}`", _speaks(contract), _asked_for(contract), _open(contract), _verdict(list(results)))
    return f"| {' | '.join(cells)} |"


def _speaks(contract: Contract) -> str:
    encoding = contract.submit.request.encoding
    sent = encoding.name if encoding is not None else "query"
    words = {"json": "JSON", "form": "form", "xml": "XML", "query": "query"}
    spoken = words[sent] if sent == contract.submit.format else f"{words[sent]}, {words[contract.submit.format]} back"
    return f"{spoken}, callbacks" if contract.callbacks else spoken


def _asked_for(contract: Contract) -> str:
    if any(rule.observation is Observation.DEFERRED for rule in contract.query.answers):
        return "by own number, answered by callback"
    if contract.query.speaks_of("provider_id"):
        return "by the provider's id"
    return "by own number, in a list" if contract.query.rows is not None else "by own number"


def _open(contract: Contract) -> str:
    if "promises" in contract.undocumented:
        return "all"
    promises = [p.removeprefix("promises.") for p in contract.undocumented if p.startswith("promises.")]
    return ", ".join(f"`{p}`" for p in promises) or "none"


def _verdict(results: list[ProfileResult]) -> str:
    by_result: dict[Result, set[str]] = {}
    for result in results:
        for g in result.verdict.guarantees:
            by_result.setdefault(g.result, set()).add(g.guarantee)
    decided = set().union(*(by_result.get(r, set()) for r in (Result.HELD, Result.VIOLATED, Result.UNSAFE)))
    by_result[Result.INCONCLUSIVE] = by_result.get(Result.INCONCLUSIVE, set()) - decided
    order = (Result.VIOLATED, Result.ERROR, Result.UNSAFE, Result.INCONCLUSIVE)
    bad = [r for r in order if by_result.get(r)]
    said = [f"{r} in {', '.join(f'`{g}`' for g in sorted(by_result[r]))}" for r in bad]
    return "; ".join(said) or "HELD"


if __name__ == "__main__":
    print(HEAD)
    for shipped in sys.argv[1:] or contract_names("contracts"):
        with tempfile.TemporaryDirectory() as folder:
            print(row(shipped, certified(shipped, Path(folder), seed=1)), flush=True)
