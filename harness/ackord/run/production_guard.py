"""Refuse to move real money: live keys, hosts of production, and contracts of production, unless it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..contract.loading.loader import LoadedContract
from ..contract.spec.production import looks_live
from ..errors import FileError, UsageError, did_you_mean, dotted

__all__ = ["refuse_production"]


def refuse_production(loaded: LoadedContract, target: str, production: str) -> None:
    """Raise ``UsageError`` if a run would touch the real thing and ``production`` is not the provider's name.

    ``target``: as the user gave it, empty for the contract's own. Values from the environment are not shown.
    """
    provider = loaded.contract.provider
    if production and production != provider:
        raise UsageError(
            f"--production {production}: this contract is of {provider}.{did_you_mean(production, [provider])}\n"
            f"  expected: the provider's name, which says that real money may move at {provider}"
        )
    if production:
        return
    for error in _signs(loaded, target):
        raise error


def _signs(loaded: LoadedContract, target: str) -> Iterator[UsageError]:
    contract, document = loaded.contract, loaded.document
    asked = f"if real money may move, say so with --production {contract.provider}"

    def found(path: tuple[str | int, ...], problem: str, expected: str) -> FileError:
        return document.error(path, problem, expected=expected, mend=asked)

    if contract.environment == "production":
        problem = "environment is production. Ackord submits real orders and breaks connections on purpose"
        yield found(("environment",), problem, "the contract of a sandbox (environment: sandbox)")
    for path, variables in document.environment.items():
        live = [name for name, value in variables.items() if looks_live(value, contract.production)]
        if live:
            problem = f'"{dotted(path)}": ${{env:{live[0]}}} holds a live key of the provider'
            yield found(path, problem, f"a key of the sandbox in {live[0]}")
    host = urlsplit(target).hostname if "://" in target else None
    if contract.production is not None and host is not None and contract.production.is_host(host):
        yield UsageError(
            f"--target {host}: the contract calls this the provider's production. Ackord submits real orders and "
            f"breaks connections on purpose.\n  expected: the sandbox's address\n  mend: {asked}"
        )
