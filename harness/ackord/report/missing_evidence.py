"""Says what gives the evidence that an unjudged guarantee lacks: one sentence for each reason of the judge."""

from __future__ import annotations

from typing import NamedTuple

from ..core.result import CampaignResult

__all__ = ["REASONS", "next_step"]


class _Reason(NamedTuple):
    """A reason of the judge, by words that stand in it."""

    words: str
    run: str
    """What to do where the provider can be asked again."""
    recording: str
    """What to record where the traffic is another program's."""


_MORE = "send more orders for it to happen to: --budget standard, or deep"
_READ = "ackord contract check CONTRACT shows which answers the contract does not understand; mend it, and judge again"
_READ_RECORDED = "compare the contract's answers with the recorded ones; mend the contract, and judge again"
REASONS = (
    _Reason("never took effect", _MORE, ""),
    _Reason("nothing exposed it", _MORE, "record traffic in which such an occasion occurs"),
    _Reason(
        "the ledger was never read to its end",
        "let the contract's ledger section (and next page) lead to the last movement; ackord contract check CONTRACT"
        " reads it once",
        "record how the ledger is read, from its first page to its last, after the last order",
    ),
    _Reason(
        "the statement could not be read", "mend the contract's statement section: the reason says what was met", ""
    ),
    _Reason("the journal was cut off", "repeat the run, and let it come to its end", ""),
    _Reason("the merchant could read none of the answers", _READ, _READ_RECORDED),
    _Reason("nothing counts as held", _READ, _READ_RECORDED),
)


def next_step(reason: str, result: CampaignResult) -> str:
    """Return what gives the evidence that is missing for this reason; empty if there is no general advice."""
    recorded = result.target == "recording"
    found = next((r for r in REASONS if r.words in reason), None)
    return "" if found is None else found.recording if recorded else found.run
