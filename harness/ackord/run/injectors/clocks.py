"""What the provider's nodes take for the time of day. Shown by their clocks, read from outside: between two looks at the machine's own."""

from __future__ import annotations

from collections.abc import Sequence

from .base import ActiveFault, Injector, InjectorContext, Json

__all__ = ["ClockInjector"]

_SLACK_S = 0.001
"""The machine's own clock is slewed, too."""


class ClockInjector(Injector):
    def __init__(self, around: InjectorContext) -> None:
        super().__init__(around)
        self._steps_s: dict[str, float] = {}
        """By node, as they are meant to be just now."""
        self._proofs: dict[int, Json] = {}
        """By ``id`` of a fault's specification."""

    async def apply(self, active: Sequence[ActiveFault]) -> None:
        steps_s: dict[str, float] = {}
        for armed in active:
            for node in self._nodes(armed):
                steps_s[node] = steps_s.get(node, 0.0) + armed.spec.params["by_s"]
        self._steps_s = steps_s
        said = (await self.around.reference("clock", steps_s=steps_s))["nodes"]
        for armed in active:
            self._look(armed, said)

    async def evidence(self, armed: ActiveFault) -> Json | None:
        if id(armed.spec) not in self._proofs:  # a node may have been silent when it was told
            self._look(armed, (await self.around.reference("clock"))["nodes"])
        return self._proofs.get(id(armed.spec))

    def _look(self, armed: ActiveFault, said: Json) -> None:
        """Keep what the nodes said if it shows the step in each of those that the fault is for."""
        nodes = self._nodes(armed)
        if all(node in said and self._shows(node, said[node]["ahead_s"]) for node in nodes):
            self._proofs[id(armed.spec)] = {"nodes": {node: said[node] for node in nodes}}

    def _shows(self, node: str, ahead_s: Json) -> bool:
        """Whether a clock is as far ahead as it is meant to be, and is not just as it would be without a step."""
        least_s, most_s = ahead_s["least"] - _SLACK_S, ahead_s["most"] + _SLACK_S
        step_s = self._steps_s.get(node, 0.0)
        return least_s <= step_s <= most_s and not least_s <= 0 <= most_s

    def _nodes(self, armed: ActiveFault) -> tuple[str, ...]:
        node: str = armed.spec.params["node"]
        return (node,) if node else self.around.environment.nodes
