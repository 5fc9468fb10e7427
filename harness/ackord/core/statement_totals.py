"""Compares what a statement says that its lines add up to with what they do."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["contradictions"]


def contradictions(claimed: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Return in what the lines contradict the totals that a statement states, in minor units; empty: in nothing.

    ``found`` has ``rows``, ``rows_out``, ``rows_in``, ``amount``, ``amount_out``, ``amount_in``, ``fee`` and ``net``.
    """
    wrong = [
        f"{name} is {value}, and the lines have {found.get(name, 0)}"
        for name, value in claimed.items()
        if name not in ("opening", "closing") and found.get(name, 0) != (abs(value) if name == "amount_out" else value)
    ]
    if {"opening", "closing"} <= claimed.keys() and claimed["closing"] - claimed["opening"] != found.get("net", 0):
        net = found.get("net", 0)
        wrong.append(f"the balance goes from {claimed['opening']} to {claimed['closing']}, and the lines by {net}")
    return wrong
