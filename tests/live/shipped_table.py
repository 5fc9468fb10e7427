"""What docs/EVIDENCE.md says of every shipped contract: how it speaks, how orders are asked for, and what its emulator
is judged to be, as a whole and by profile.

``python -m tests.live.shipped_table`` runs them all and writes both tables; with names of contracts, only their rows.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
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

__all__ = ["BY_PROFILE_HEAD", "CALLBACK_PROFILES", "HEAD", "PROFILES", "certified", "profile_row", "profiles_of", "row"]

EVIDENCE = Path(__file__).parents[2] / "docs" / "EVIDENCE.md"
PROFILES = ("none", "replica-lag", "two-nodes", "lost-answers", "concurrent-copies", "node-crash")
"""Of every contract. Its emulator has two nodes; the replica lags under ``replica-lag`` and ``two-nodes``."""
CALLBACK_PROFILES = ("callbacks-refused", "callbacks-first")
"""Of those that have callbacks, besides."""
BY_PROFILE_HEAD = (
    f"| contract | {' | '.join(f'`{profile}`' for profile in (*PROFILES, *CALLBACK_PROFILES))} |\n"
    f"|{'---|' * (1 + len(PROFILES) + len(CALLBACK_PROFILES))}"
)
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


def profiles_of(name: str) -> tuple[str, ...]:
    """The profiles under which a contract's emulator is judged for the tables."""
    contract = load_contract(name, env=PlaceholderEnv()).contract
    return (*PROFILES, *CALLBACK_PROFILES) if contract.callbacks else PROFILES


def profile_row(name: str, results: Iterable[ProfileResult]) -> str:
    """What was judged under each profile, with the number of guarantees that held."""
    judged = {result.profile: result for result in results}
    cells = [_in_brief(judged.get(profile)) for profile in (*PROFILES, *CALLBACK_PROFILES)]
    return f"| `{name}` | {' | '.join(cells)} |"


def _in_brief(result: ProfileResult | None) -> str:
    if result is None:
        return "-"
    count = Counter(g.result for g in result.verdict.guarantees)
    worse = [f"{r} {count[r]}" for r in (Result.VIOLATED, Result.ERROR, Result.UNSAFE, Result.INCONCLUSIVE) if count[r]]
    return ", ".join([*worse, f"HELD {count[Result.HELD]}"])


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


def main(names: Sequence[str]) -> None:
    rows, by_profile = [], []
    for shipped in names or contract_names("contracts"):
        with tempfile.TemporaryDirectory() as folder:
            results = certified(shipped, Path(folder), 1, profiles_of(shipped), "quick")
        rows.append(row(shipped, results))
        by_profile.append(profile_row(shipped, results))
        print(rows[-1], by_profile[-1], sep="\n", flush=True)
    if not names:
        text = EVIDENCE.read_text()
        for marker, head, table in (("contracts", HEAD, rows), ("by-profile", BY_PROFILE_HEAD, by_profile)):
            before, begin, rest = text.partition(f"<!-- {marker} -->\n")
            _, end, after = rest.partition(f"<!-- /{marker} -->")
            text = "".join([before, begin, "\n".join([head, *table, ""]), end, after])
        EVIDENCE.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
