"""The faults, one a file, registered by name: importing this package knows them all."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from .base import FAULTS, EdgeFault, Fault, FaultSpec, KeyedFault, Match, Seam, register

__all__ = ["FAULTS", "EdgeFault", "Fault", "FaultSpec", "KeyedFault", "Match", "Seam", "register"]

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
