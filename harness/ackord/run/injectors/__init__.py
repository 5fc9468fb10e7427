"""The seams of a run, one driver a file: each makes its seam what the faults in force there say, and shows that they did something."""

from __future__ import annotations

from ...chaos.faults import Seam
from .base import Armed, Json, SeamDriver, Surroundings
from .channel import ChannelDriver
from .clocks import ClocksDriver
from .edge import EdgeDriver
from .hooks import HooksDriver
from .process import ProcessDriver
from .replication import ReadModelDriver, ReplicationDriver
from .settings import SettingsDriver
from .wire import WireDriver

__all__ = ["DRIVERS", "Armed", "Json", "SeamDriver", "Surroundings"]

DRIVERS: dict[Seam, type[SeamDriver]] = {
    Seam.EDGE: EdgeDriver,
    Seam.WIRE: WireDriver,
    Seam.REPLICATION: ReplicationDriver,
    Seam.READ_MODEL: ReadModelDriver,
    Seam.CHANNEL: ChannelDriver,
    Seam.PROCESS: ProcessDriver,
    Seam.DATABASE: ProcessDriver,
    Seam.NETWORK: ProcessDriver,
    Seam.SETTING: SettingsDriver,
    Seam.CLOCK: ClocksDriver,
    Seam.HOOK: HooksDriver,
}
