"""Read the images, names and limits of the containers, each a setting with an environment variable of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from ...errors import UsageError

__all__ = ["DockerSettings"]

_PREFIX = "ACKORD_DOCKER_"


@dataclass(frozen=True)
class DockerSettings:
    """Each field is read from ``ACKORD_DOCKER_`` and its name in capitals, such as ``ACKORD_DOCKER_POSTGRES_IMAGE``."""

    postgres_image: str = "postgres:16"
    """PostgreSQL 14 or newer with its programs under /usr/lib/postgresql/*/bin, as in the official image (not its
    Alpine variant).
    """
    toxiproxy_image: str = "shopify/toxiproxy:2.12.0"
    provider_image: str = "ackord/reference-provider"
    """Built by ``docker build -t ackord/reference-provider .`` in the project's folder."""
    name: str = "ackord"
    """What the names of all containers and networks begin with."""
    memory_mb: int = 1024
    """How much memory one container may take; a database server's data lies in there, too."""
    cpus: float = 0.0
    """How many processors one container may use; 0 for no limit."""
    processes: int = 512
    """How many processes and threads one container may have."""
    patience_s: float = 60.0
    """How long all of it may take until it serves."""

    @classmethod
    def read(cls, given: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings: ``given`` before the environment before the defaults.

        Raises ``UsageError`` for an unknown name and for an impossible value.
        """
        environment = os.environ if environment is None else environment
        names = [f.name for f in fields(cls)]
        found: dict[str, Any] = {n: v for n in names if (v := environment.get(_PREFIX + n.upper(), ""))}
        if stray := sorted(set(given or ()) - set(names)):
            raise UsageError(f"the containers have no setting {', '.join(stray)}; there is {', '.join(names)}")
        found |= given or {}
        for name, value in found.items():
            kind = type(getattr(cls, name))
            try:
                found[name] = kind(value)
                if kind is not str and not 0 <= found[name] < 1e9:
                    raise ValueError
            except (TypeError, ValueError):
                raise UsageError(f"{_PREFIX}{name.upper()} must be a number of 0 or more, not {value!r}") from None
        return cls(**found)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
