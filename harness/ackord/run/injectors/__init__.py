"""The seams of a run, one driver a file: each makes its seam what the faults in force there say, and shows that they did something."""

from __future__ import annotations

from ...chaos.faults import Seam
from .base import ActiveFault, Injector, InjectorContext, Json
from .channel import ChannelInjector
from .clocks import ClockInjector
from .edge import EdgeInjector
from .hooks import HookInjector
from .process import ProcessInjector
from .replication import ReadModelInjector, ReplicationInjector
from .settings import SettingsInjector
from .wire import WireInjector

__all__ = ["INJECTORS", "ActiveFault", "Injector", "InjectorContext", "Json"]

INJECTORS: dict[Seam, type[Injector]] = {
    Seam.EDGE: EdgeInjector,
    Seam.WIRE: WireInjector,
    Seam.REPLICATION: ReplicationInjector,
    Seam.READ_MODEL: ReadModelInjector,
    Seam.CHANNEL: ChannelInjector,
    Seam.PROCESS: ProcessInjector,
    Seam.DATABASE: ProcessInjector,
    Seam.NETWORK: ProcessInjector,
    Seam.SETTING: SettingsInjector,
    Seam.CLOCK: ClockInjector,
    Seam.HOOK: HookInjector,
}
