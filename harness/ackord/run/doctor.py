"""Check what works on this machine, and say how to mend what does not (``ackord doctor``).

Every check uses the thing itself and does not ask whether it should work. A check that crashes has failed; the others
still run. ``ok`` is ``None`` if nothing is wrong but something optional is absent.
"""

from __future__ import annotations

import importlib
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

import ackord

from ..chaos import profile as chaos_profile
from ..contract.loading import loader as contracts
from ..core.clock import RealClock
from ..core.registry import InstalledPlugin
from ..errors import AckordError
from ..host.run_dir import RunDir, sweep
from ..providers.postgres.binaries import find_binaries, runnable_by, unprivileged_owner
from ..report.format import count
from .installed_plugins import NEEDED_BY_EVERY_RUN, installed_plugins

__all__ = ["DoctorCheck", "compiled_modules", "diagnose", "print_checks"]

_MIB = 1 << 20
_TEMP_BYTES = 300 * _MIB
"""Two PostgreSQL clusters with their write-ahead log, and the journals of a run."""
_SHM_BYTES = 8 * _MIB
"""What the two servers take of POSIX shared memory, twice over."""
_FILES = 1024
"""Hundreds of orders at once, each with a connection at both sides of the gateway."""
_TICK_NS = 100_000
"""A clock that is coarser than this cannot tell a lag of 1 ms from none."""
_PATIENCE_S = 20


class DoctorCheck(NamedTuple):
    """One thing that was tried."""

    name: str
    ok: bool | None
    """``None``: optional and absent, or not known to work."""
    says: str
    mend: str = ""
    """What to do, or what an optional part would enable."""


class _RequiredPackage(NamedTuple):
    """A package that Ackord does not run without, or that enables something."""

    module: str
    distribution: str
    enables: str
    """Empty for what is required."""


_PACKAGES = (
    _RequiredPackage("uvloop", "uvloop", ""),
    _RequiredPackage("httptools", "httptools", ""),
    _RequiredPackage("asyncpg", "asyncpg", ""),
    _RequiredPackage("hypothesis", "hypothesis", ""),
    _RequiredPackage("schemathesis", "schemathesis", "conformance of answers to the provider's OpenAPI document"),
    _RequiredPackage("docker", "docker", "providers and databases in containers"),
    _RequiredPackage("toxiproxy", "toxiproxy-python", "TCP faults through a real Toxiproxy server"),
)
_COMMANDS = (
    ("docker", "providers and databases in containers"),
    ("toxiproxy-server", "TCP faults through a real Toxiproxy server"),
)


def diagnose() -> list[DoctorCheck]:
    """Try everything; some two seconds. Nothing is left behind but what was swept away."""
    checks: list[DoctorCheck] = []
    for name, check in _checks():
        try:
            checks.append(check())
        except AckordError as error:
            checks.append(DoctorCheck(name, False, str(error)))  # its text says how to mend it
        except Exception as error:  # the doctor must not fall ill
            checks.append(
                DoctorCheck(name, False, f"{type(error).__name__}: {error}", "this is a fault of Ackord: report it")
            )
    return checks


def print_checks(console: Console, checks: list[DoctorCheck]) -> int:
    """Print one line a check, with the mend below it. Return the exit code: 0, or 4 if a required part fails."""
    width = max((len(c.name) for c in checks), default=0)
    for c in checks:
        word, style = {True: ("ok", "green"), False: ("FAIL", "bold red"), None: ("-", "dim")}[c.ok]
        lead = f"{c.name:<{width}}  "
        first, *rest = c.says.splitlines() or [""]
        console.print(Text.assemble((f"{word:<4}", style), "  ", (lead, "bold"), first), soft_wrap=True)
        indent = " " * (6 + len(lead))
        lines = [*rest, f"mend: {c.mend}" if c.ok is False else c.mend] if c.mend else rest
        for line in lines:
            console.print(Text(indent + line, style="" if c.ok is False else "dim"), soft_wrap=True)
    failed = [c.name for c in checks if c.ok is False]
    if failed:
        console.print(Text(f"Not ready: {', '.join(failed)}. Exit code 4.", style="bold red"), soft_wrap=True)
        return 4
    console.print(Text("Ready: ackord certify reference can run here. Exit code 0.", style="green"), soft_wrap=True)
    return 0


def _checks() -> Iterator[tuple[str, Callable[[], DoctorCheck]]]:
    yield "python", _python
    yield "build", _build
    yield "platform", _platform
    yield "earlier runs", _earlier_runs
    yield "postgresql", _postgresql
    yield (
        "temporary space",
        lambda: _space(
            "temporary space", Path(tempfile.gettempdir()), _TEMP_BYTES, "set TMPDIR to a folder with more room"
        ),
    )
    yield "shared memory", _shared_memory
    yield "loopback", _loopback
    yield "child process", _child
    yield "open files", _files
    yield "clock", _clock
    yield "contracts and profiles", _shipped
    plugins = list(installed_plugins())
    for plugin in plugins:
        yield f"{plugin.kind} {plugin.name}", partial(_plugin, plugin)
    if not plugins:
        yield "plug-ins", lambda: DoctorCheck("plug-ins", True, "no package adds any")
    for package in _PACKAGES:
        yield package.distribution, partial(_package, package)
    for command, enables in _COMMANDS:
        yield f"{command} command", partial(_command, command, enables)


def _python() -> DoctorCheck:
    says = f"{platform.python_version()} ({sys.executable})"
    return DoctorCheck(
        "python", sys.version_info >= (3, 11), says, "" if sys.version_info >= (3, 11) else "use Python 3.11 or newer"
    )


def _build() -> DoctorCheck:
    compiled = compiled_modules(Path(ackord.__file__).parent)
    says = f"compiled: {count(compiled, 'module')} by mypyc, the others are Python" if compiled else "pure Python"
    return DoctorCheck("build", True, says)


def compiled_modules(package: Path) -> int:
    """Return how many modules of a package this Python runs compiled."""
    return sum(f".{path.name.partition('.')[2]}" in EXTENSION_SUFFIXES for path in package.rglob("*.so"))


def _platform() -> DoctorCheck:
    says = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, user {os.getuid()}"
    if platform.system() == "Linux":
        return DoctorCheck("platform", True, says)
    return DoctorCheck("platform", None, says, "Ackord is tested on Linux only")


def _earlier_runs() -> DoctorCheck:
    removed = sweep()
    if not removed:
        return DoctorCheck("earlier runs", True, "left nothing behind")
    names = ", ".join(path.name for path in removed)
    return DoctorCheck(
        "earlier runs", True, f"{len(removed)} were cut off; what they left was ended and removed now: {names}"
    )


def _postgresql() -> DoctorCheck:
    owner = unprivileged_owner()
    with RunDir.create() as run:
        # runnable_by runs the program as the user that will own the servers; PostgreSQL refuses root.
        folder, version = runnable_by(owner, find_binaries(), run)
        copied = folder.is_relative_to(run.path)
    who = "as this user" if owner is None else f"as user {owner.uid}, because PostgreSQL refuses root"
    where = "a copy, because that user may not enter the folder of the original" if copied else str(folder)
    return DoctorCheck("postgresql", True, f"{version} runs {who} ({where})")


def _space(name: str, folder: Path, needed_bytes: int, mend: str) -> DoctorCheck:
    free_bytes = shutil.disk_usage(folder).free
    says = f"{free_bytes // _MIB:,} MiB free in {folder}, {needed_bytes // _MIB:,} MiB needed"
    return DoctorCheck(name, free_bytes >= needed_bytes, says, "" if free_bytes >= needed_bytes else mend)


def _shared_memory() -> DoctorCheck:
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return DoctorCheck("shared memory", None, "there is no /dev/shm", "PostgreSQL may fail to start here")
    return _space("shared memory", folder, _SHM_BYTES, "give the container more, such as --shm-size=64m")


def _loopback() -> DoctorCheck:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_PATIENCE_S)
        with socket.create_connection(server.getsockname(), timeout=_PATIENCE_S) as client:
            accepted, _ = server.accept()
            with accepted:
                client.sendall(b"x")
                ok = accepted.recv(1) == b"x"
    says = "127.0.0.1 can be bound and reached" if ok else "127.0.0.1 loses what is sent to it"
    return DoctorCheck("loopback", ok, says, "" if ok else "look at the firewall's rules for the interface lo")


def _child() -> DoctorCheck:
    done = subprocess.run(
        [sys.executable, "-P", "-c", "import ackord.host.child_process; print('here')"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        start_new_session=True,
    )
    if done.returncode == 0 and done.stdout.strip() == "here":
        return DoctorCheck("child process", True, "a child of its own session starts and answers")
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return DoctorCheck(
        "child process",
        False,
        last,
        "the same Python must be able to import ackord: install it, do not run it from a folder",
    )


def _files() -> DoctorCheck:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = soft == resource.RLIM_INFINITY or soft >= _FILES
    return DoctorCheck(
        "open files",
        enough,
        f"{soft:,} may be open, {_FILES:,} needed",
        "" if enough else f"ulimit -n {min(4096, hard)}",
    )


def _clock() -> DoctorCheck:
    """The smallest step between readings that differ, of some hundreds."""
    clock = RealClock()
    steps = []
    for _ in range(200):
        start_ns = now_ns = clock.now_ns()
        while now_ns == start_ns:
            now_ns = clock.now_ns()
        steps.append(now_ns - start_ns)
    tick_ns = min(steps)
    ok = tick_ns <= _TICK_NS
    return DoctorCheck(
        "clock",
        ok,
        f"tells {tick_ns:,} ns apart",
        "" if ok else "a lag of 1 ms cannot be measured here: use another machine",
    )


def _shipped() -> DoctorCheck:
    of_contracts = len(
        [
            contracts.load_contract(name, env=contracts.PlaceholderEnv())
            for name in contracts.contract_names("contracts")
        ]
    )
    of_profiles = len([chaos_profile.read_profile(name) for name in chaos_profile.profile_names()])
    says = f"{count(of_contracts, 'contract')} and {count(of_profiles, 'profile')} come with Ackord and load"
    ok = of_contracts > 0 and of_profiles > 0
    return DoctorCheck("contracts and profiles", ok, says, "" if ok else "install the package again")


def _plugin(plugin: InstalledPlugin) -> DoctorCheck:
    name, package = f"{plugin.kind} {plugin.name}", plugin.package or "a package"
    if not plugin.problem:
        return DoctorCheck(name, True, f"{plugin.value}, from {package}")
    needed = plugin.kind in NEEDED_BY_EVERY_RUN
    says = f"{plugin.value} cannot be used: {plugin.problem}"
    mend = f"mend or uninstall {package}"
    return DoctorCheck(name, False if needed else None, says, mend if needed else f"a contract may need it: {mend}")


def _package(package: _RequiredPackage) -> DoctorCheck:
    name = package.distribution
    try:
        version = metadata.version(name)
        if not package.enables:
            importlib.import_module(package.module)  # compiled parts may be there and still not load
    except (metadata.PackageNotFoundError, ImportError) as error:
        if package.enables:
            return DoctorCheck(name, None, "not installed (optional)", f"would enable {package.enables}")
        return DoctorCheck(name, False, f"cannot be used: {error}", f"pip install {name}")
    return DoctorCheck(name, True, version)


def _command(command: str, enables: str) -> DoctorCheck:
    name = f"{command} command"
    path = shutil.which(command)
    if path is None:
        return DoctorCheck(name, None, "not found (optional)", f"would enable {enables}")
    if command == "docker" and not _answers(path, "version", "--format", "{{.Server.Version}}"):
        return DoctorCheck(name, None, f"{path} is there, but no daemon answers (optional)", f"would enable {enables}")
    return DoctorCheck(name, True, path)


def _answers(*words: str) -> bool:
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
