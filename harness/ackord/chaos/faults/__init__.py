"""Imports every built-in fault, one per file, and so registers it by name.

``load_faults`` also registers the faults of installed packages.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from .base import FAULTS, ActiveFault, Fault, KeyedFault, RunControl, Seam, load_faults, register
from .callbacks import CallbackFault
from .controls import ControlFault, CountedFault, KeyedCountedFault
from .edge import EdgeFault, Match
from .links import CutLink, LinkFault, NarrowLink, SlowLink
from .triggers import NodeOutage, TriggeredFault

__all__ = [
    "FAULTS",
    "ActiveFault",
    "CallbackFault",
    "ControlFault",
    "CountedFault",
    "CutLink",
    "EdgeFault",
    "Fault",
    "KeyedCountedFault",
    "KeyedFault",
    "LinkFault",
    "Match",
    "NarrowLink",
    "NodeOutage",
    "RunControl",
    "Seam",
    "SlowLink",
    "TriggeredFault",
    "load_faults",
    "register",
]

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
