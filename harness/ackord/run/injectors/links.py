"""Puts the toxics of the link faults on their links, and cuts links."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.faults import ActiveFault, LinkFault, Seam
from ..environments.base import LINK, READ_MODEL, WIRE
from .base import Injector

__all__ = ["LinkInjector"]

_LINKS = {Seam.WIRE: WIRE, Seam.REPLICATION: LINK, Seam.READ_MODEL: READ_MODEL}


class LinkInjector(Injector[LinkFault]):
    _cut = False

    async def apply(self, active: Sequence[ActiveFault[LinkFault]]) -> None:
        run, link = self.run, _LINKS[self.seam]
        engine = run.environment.links if self.seam is Seam.WIRE else run.environment.replication
        toxics = [toxic for number, armed in enumerate(active) for toxic in armed.fault.toxics(number)]
        await run.call(engine.set_toxics, link, toxics)
        cut = any(armed.fault.cuts for armed in active)
        if cut or self._cut:
            self._cut = True
            await run.call(engine.set_cut, link, cut)
            self._cut = cut
