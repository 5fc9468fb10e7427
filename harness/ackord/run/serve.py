"""Start a provider and its gateway without a run, for development and for other tools."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..core.clock import RealClock
from .context import RunContext
from .environments import open_environment
from .options.plan import RunPlan

__all__ = ["serve_provider"]


def serve_provider(plan: RunPlan, announce: Callable[[str, str, str], None]) -> None:
    """Start what ``plan`` asks for, arm its only profile's faults, and serve until interrupted.

    Calls ``announce(gateway, direct, words)`` once ready.
    """
    (profile,) = plan.profiles

    async def until_interrupted() -> None:
        async with RunContext(plan_here, profile, environment, RealClock()) as context:
            for fault in context.faults:
                await context.fault_controller.arm(fault)
            announce(environment.edge_url, environment.direct_url, environment.description)
            await asyncio.Event().wait()

    plan = replace(plan, own_clients=True)
    with tempfile.TemporaryDirectory() as folder, open_environment(plan) as environment:
        plan_here = replace(plan, out=Path(folder))
        asyncio.run(until_interrupted())
