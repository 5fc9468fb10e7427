"""Tells what a refused or unverified signature has to do with: the string that was signed, and the clocks."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...contract.loading.diagnosis import Diagnosis
from ...contract.signing import MerchantSide
from ...contract.signing.signed_strings import signed_strings
from ...masking import mask

__all__ = ["clock_skew_s", "refusal_hint", "with_hint"]

_SKEW_S = 30
"""Providers refuse signatures that are some minutes off; less than this is the network's doing."""
_SHOWN = 600


def clock_skew_s(answer: HttpResponse, unix_s: int) -> int | None:
    """Return by how many seconds the provider's clock is ahead of ours, by its header ``Date``; ``None`` without it."""
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()) - unix_s


def refusal_hint(side: MerchantSide, request: HttpRequest, answer: HttpResponse, unix_s: int) -> str:
    """Return what may explain a refusal of ``request``, which was answered at ``unix_s``; empty if nothing does."""
    hints = [f"what was signed: {mask(text)[:_SHOWN]!r}" for text in signed_strings(side, request)]
    skew_s = clock_skew_s(answer, unix_s)
    if skew_s is not None and abs(skew_s) > _SKEW_S:
        way = "ahead of" if skew_s > 0 else "behind"
        hints.insert(
            0, f"the provider's clock is {abs(skew_s)} s {way} ours: a signature that holds the time is refused"
        )
    return "; ".join(hints)


def with_hint(
    blame: Diagnosis, side: MerchantSide, request: HttpRequest, answer: HttpResponse, unix_s: int
) -> Diagnosis:
    """Return what was found, with what may explain it where it is about an account's signature."""
    hint = refusal_hint(side, request, answer, unix_s) if blame.path[:1] == ("accounts",) else ""
    return blame._replace(mend=f"{blame.mend}; {hint}") if hint else blame
