"""Define every option of a run once: its default, its help, and how it is written on a command line.

The command line, the pytest plug-in and the library read this class, so a new option is one field here and its use.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

__all__ = ["RunOptions"]

_PORT: dict[str, Any] = {"min": 0, "max": 65535}


def _option(default: Any, help: str, *, flag: str = "", suite: str = "", repeat: bool = True, **settings: Any) -> Any:
    """Return a field with its metadata.

    ``suite``: the help in pytest, empty where the plug-in does not offer the option. ``repeat``: whether the command
    that repeats a run shows it. ``settings``: other arguments of ``typer.Option``.
    """
    return field(
        default=default, metadata={"help": help, "flag": flag, "suite": suite, "repeat": repeat, "settings": settings}
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """What a user asks for, by name and before anything is looked up; ``run.resolve.make_plan`` makes a plan of it."""

    contract: str = field(
        default="reference", kw_only=False, metadata={"suite": "a provider's contract: a name or a YAML file"}
    )
    target: str = _option(
        "",
        "What is judged: `reference`, `emulator` (the contract served by the reference provider's service), `docker` "
        "(the reference in containers), the address of a provider, or a compose file that starts it. Default: the "
        "contract's base_url or first node, or reference.",
        suite="reference, docker, the provider's address on this machine, or a compose file that starts it",
    )
    flaw: str = _option(
        "",
        "A flaw or variant of the reference provider's service (`ackord flaw list`).",
        suite="a flaw of the reference provider",
    )
    profiles: Sequence[str] = _option(
        (),
        "A chaos profile, by name or path; may be repeated. Default: the default ones that the target allows; "
        "`all`: every one.",
        flag="--profile",
        suite="a chaos profile, by name or path; may be repeated (default: all possible)",
    )
    require: Sequence[str] = _option(
        (),
        "What must be judged: a profile, a guarantee, or `all` (every default profile, every guarantee about what the "
        "contract promises, and the money); may be repeated. What is absent makes the run INCONCLUSIVE.",
        flag="--require",
    )
    budget: str = _option("quick", "quick, standard or deep.", suite="quick, standard or deep (default: quick)")
    time_limit: str = _option(
        "",
        "How long all profiles together may take, such as 30m or 2h; then the run ends with exit code 4, and what was "
        "judged until then is kept. Default: 1h for quick, 2h for standard, 12h for deep.",
    )
    seed: int | None = _option(
        None,
        "The seed of everything; default: a new one, which is printed.",
        suite="the seed of everything (default: a new one a session)",
        min=0,
        max=2**63 - 1,
    )
    repeats: int = _option(
        1,
        "Run every profile so many times with the same seed. A guarantee that is broken in some of them counts as "
        "broken, and is reported k of n.",
        flag="--repeat",
        min=1,
        max=100,
    )
    fail_fast: bool = _option(
        False,
        "End the run after the first profile under which a guarantee is violated or unsafe; the others are not run.",
        flag="--fail-fast",
    )
    shard: str = _option(
        "",
        "Run one part of the campaign, such as 2/5, here: some of its profiles, or, of a single one, a seed of its "
        "own. It needs --seed. `ackord report merge` puts the parts together.",
    )
    provider_version: str = _option(
        "", "The version of the provider that is judged, such as 2.4.1 or a commit, for `ackord gate record`."
    )
    out: Path | None = _option(  # noqa: RUF009 - it makes a field
        None,
        "Folder for the evidence. Default: ackord-out/NAME-seedN.",
        suite="folder for the evidence (default: ackord-out/pytest)",
        repeat=False,
    )
    inject: bool = _option(
        True,
        "--no-inject announces every fault and makes none: lag guarantees must then be INCONCLUSIVE.",
        flag="--inject/--no-inject",
    )
    ca: str = _option(
        "",
        "PEM file of the authority that signed the certificate of an https target. Default: the system's authorities.",
        suite="PEM file of the authority behind an https target (default: the system's)",
        envvar="ACKORD_CA",
    )
    toxiproxy: str = _option(
        "",
        "What delays and cuts bytes: the address of a Toxiproxy server, such as http://127.0.0.1:8474, `start` for one "
        "of our own, or its program's path. Default: the embedded engine.",
        suite="address of a Toxiproxy server, `start`, or its program's path (default: the embedded engine)",
        envvar="ACKORD_TOXIPROXY",
    )
    remote: bool = _option(
        False,
        "The target may be on another machine: a sandbox over https, at the contract's rate.",
        flag="--remote",
        suite="the target may be on another machine: a sandbox over https, at the contract's rate",
    )
    allow_hosts: Sequence[str] = _option(
        (),
        "A host that the target may be at, by name, over plain http: a service beside this job, such as `provider` for "
        "http://provider:8080; may be repeated. It must have addresses of a private network alone.",
        flag="--allow-host",
        suite="a service beside this job that the target may be at, by name, over plain http; may be repeated",
    )
    production: str = _option(
        "",
        "The provider's name, typed out: real money may move. Without it live keys, hosts of production and contracts "
        "whose environment is production are refused.",
        suite="the provider's name, typed out: real money may move",
    )
    allow_hooks: bool = _option(
        False,
        "The contract's hooks (commands, SQL, HTTP calls) and its ledger, if that is a query or a command, may run: "
        "read them first. Those of contracts that come with Ackord always may.",
        flag="--allow-hooks",
        suite="the contract's hooks (commands, SQL, HTTP calls) and a ledger that is a query or a command may run",
    )
    port: int = _option(0, "Where merchants connect, on 127.0.0.1; 0: any port.", repeat=False, **_PORT)
    tls: bool = _option(
        False,
        "Merchants connect over https; the throw-away authority behind it is handed over in the environment.",
        flag="--tls",
    )
    proxy_host: str = _option(
        "",
        "For a client whose provider's host is fixed: an HTTP proxy leads this host, such as api.example.com, to the "
        "gateway, and refuses all others.",
    )
    callback_port: int = _option(
        0,
        "Where the provider's callbacks are taken, on 127.0.0.1; 0: any port.",
        suite="where the provider's callbacks are taken, on 127.0.0.1 (default: any port)",
        **_PORT,
    )
    postgres_bin: str = _option(
        "",
        "Folder of an installed PostgreSQL's programs; default: those of the wheel.",
        suite="folder of an installed PostgreSQL's programs (default: those of the wheel)",
        envvar="ACKORD_POSTGRES_BIN",
        repeat=False,
    )
    openapi: str = _option(
        "",
        "The provider's OpenAPI document, a file: answers are held to it (answers-match-schema). Default: the one that "
        "the contract names, if it does.",
        suite="the provider's OpenAPI document, a file: answers are held to it (default: the one that the contract "
        "names)",
    )
    isolated: bool = _option(
        False,
        "Read no ackord.toml and no pyproject.toml: what is not given here has its default.",
        flag="--isolated",
    )
    openapi_strict: bool = _option(
        False,
        "An answer whose status code the document does not list breaks it too.",
        flag="--openapi-strict",
        suite="an answer whose status code that document does not list breaks it too",
    )

    @classmethod
    def flag_of(cls, option: Field[Any]) -> str:
        """How the option is written on the command line: ``--callback-port``, ``--inject/--no-inject``."""
        return option.metadata.get("flag") or f"--{option.name.replace('_', '-')}"

    @classmethod
    def suite_flag_of(cls, option: Field[Any]) -> str:
        """How the pytest plug-in writes the option: ``--contract``, ``--chaos-profile``."""
        return "--contract" if option.name == "contract" else f"--chaos-{cls.flag_of(option).removeprefix('--')}"

    def command(self, suite: Sequence[str] = (), *, verb: str = "certify") -> str:
        """The command that repeats this run. It shows what differs from the default, and always the budget.

        ``suite``: the words of a pytest command, which the options are added to as the plug-in writes them. ``verb``:
        the subcommand; a drill has no budget.
        """
        words = [*suite, "--contract", self.contract] if suite else ["ackord", verb, self.contract]
        for option in fields(self):
            value = getattr(self, option.name)
            if (suite and not option.metadata["suite"]) or (verb == "drill" and option.name == "budget"):
                continue
            if option.metadata.get("repeat") and (value != option.default or option.name == "budget"):
                words += _written(self.suite_flag_of(option) if suite else self.flag_of(option), value)
        return shlex.join(words)


def _written(flag: str, value: Any) -> Iterator[str]:
    """A flag with its value as words; a list is the flag once a value."""
    from ...masking import without_user_info  # the pytest plug-in imports this module and little else

    on, _, off = flag.partition("/")
    if isinstance(value, bool):
        yield on if value else off
        return
    for one in [value] if isinstance(value, str | int) else value:
        yield from (on, without_user_info(str(one)))
