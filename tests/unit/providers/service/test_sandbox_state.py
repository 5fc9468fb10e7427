"""A sandbox's clock goes on, and never back."""

from __future__ import annotations

from ackord.providers.service.sandbox_state import SandboxState


def test_a_clock_goes_on_by_steps_and_to_instants() -> None:
    state = SandboxState()
    told = []
    for by_s, relative in ((10, True), (5, True), (12, False), (20, False), (-5, True)):
        state.advance(by_s, relative=relative)
        told.append(state.ahead_s)
    assert told == [10, 15, 15, 20, 20]
