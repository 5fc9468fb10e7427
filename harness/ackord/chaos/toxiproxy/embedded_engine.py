"""Implements the default link engine in the chaos process: it needs no installation, and its draws are seeded."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ...errors import EnvironmentFailed, UnknownNameError
from ..chaos_process import ChaosProcess
from ..links.kinds.base import Toxic, refuse_same_names
from ..links.link_engine import LOOPBACK, LinkStats

__all__ = ["EmbeddedEngine"]


class EmbeddedEngine:
    """Links of a chaos process that the caller starts and stops (see ``LinkEngine``)."""

    description = "embedded engine"

    def __init__(self, chaos: ChaosProcess, seed: int = 0) -> None:
        self._chaos = chaos
        self._seed = seed
        self._names: list[str] = []

    def open_link(self, name: str, host: str, port: int, *, listen: tuple[str, int] = LOOPBACK) -> tuple[str, int]:
        link_port = self._chaos.open_link(name, (host, port), seed=self._seed, listen=listen)
        self._names.append(name)
        return listen[0], link_port

    def set_toxics(self, name: str, toxics: Sequence[Toxic]) -> None:
        refuse_same_names(name, toxics)
        self._chaos.set_toxics(self._known(name), toxics)

    def set_cut(self, name: str, cut: bool) -> None:
        self._chaos.set_cut(self._known(name), cut)

    def stats(self, name: str) -> LinkStats | None:
        return self._chaos.link_stats(self._known(name))

    def close_link(self, name: str) -> None:
        self._chaos.close_link(self._known(name))
        self._names.remove(name)

    def stop(self) -> None:
        """Close the links. The chaos process goes on; if it has ended, they ended with it."""
        with contextlib.suppress(EnvironmentFailed):
            for name in list(self._names):
                self.close_link(name)
        self._names.clear()

    def _known(self, name: str) -> str:
        if name not in self._names:
            raise UnknownNameError("link", name, self._names)
        return name
