"""Connects each seam of a run with the faults that are in force there, one kind of seam a file."""

from __future__ import annotations

from typing import Any

from ...chaos.faults import Seam
from .base import Injector, InjectorContext, Json
from .callbacks import CallbackInjector
from .controls import ControlInjector
from .edge import EdgeInjector
from .links import LinkInjector
from .triggers import TriggerInjector

__all__ = ["INJECTORS", "Injector", "InjectorContext", "Json"]

INJECTORS: dict[Seam, type[Injector[Any]]] = {
    Seam.EDGE: EdgeInjector,
    Seam.WIRE: LinkInjector,
    Seam.CALLBACK: CallbackInjector,
    Seam.REPLICATION: LinkInjector,
    Seam.READ_MODEL: LinkInjector,
    Seam.CHANNEL: ControlInjector,
    Seam.SETTING: ControlInjector,
    Seam.CLOCK: ControlInjector,
    Seam.PROCESS: TriggerInjector,
    Seam.DATABASE: TriggerInjector,
    Seam.NETWORK: TriggerInjector,
    Seam.HOOK: TriggerInjector,
}
