"""Bodies of requests and answers: one encoding a file, the places in a body, and conditions on what stands there.

Importing this package registers every encoding of the folder by name.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from . import json_encoding  # noqa: F401 - first, because it is what a contract means that names none
from .base import ENCODINGS, Encoding, encoding_at, register

__all__ = ["ENCODINGS", "JSON", "Encoding", "encoding_at", "register"]

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")

JSON = ENCODINGS.get("json")
