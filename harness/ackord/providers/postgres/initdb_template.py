"""Keep what ``initdb`` made for the clusters that follow, where ACKORD_POSTGRES_TEMPLATES names a folder for it.

``initdb`` is four fifths of a cluster's start. A suite that starts hundreds of clusters names a folder; a single run
does without. All clusters of one folder have the password that the folder holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ...errors import EnvironmentFailed
from .binaries import UnprivilegedUser

__all__ = ["TEMPLATES_VARIABLE", "InitdbTemplates"]

TEMPLATES_VARIABLE = "ACKORD_POSTGRES_TEMPLATES"

Run = Callable[..., None]
"""Runs one program, whose words it is given, as the servers' user; raises ``EnvironmentFailed``."""


class InitdbTemplates:
    """Templates by what they were made with. Several processes may use one folder at once."""

    def __init__(self, folder: Path, owner: UnprivilegedUser | None) -> None:
        """``folder`` must exist, on the clusters' file system for speed, and let the servers' user pass (mode 711).

        Raises ``EnvironmentFailed`` for a folder that cannot be used.
        """
        self._folder = folder
        self._owner = owner
        try:
            self.password = self._kept_password()
        except OSError as error:
            raise EnvironmentFailed(
                f"{TEMPLATES_VARIABLE} names {folder}, which cannot be used: {error.strerror}. "
                "Mend: name a folder of your own, or unset the variable"
            ) from None

    @classmethod
    def named(cls, owner: UnprivilegedUser | None) -> InitdbTemplates | None:
        """The templates of the folder that the environment names, if it names one."""
        named = os.environ.get(TEMPLATES_VARIABLE)
        return cls(Path(named), owner) if named else None

    def path(self, made_by: Sequence[object]) -> Path:
        """Where the template lies that the program and arguments of ``made_by`` make. It may not be there yet."""
        return self._folder / hashlib.sha256(repr([str(word) for word in made_by]).encode()).hexdigest()[:16]

    def keep(self, data: Path, template: Path, run: Run) -> None:
        """Copy ``data``, which no server has used, as ``template``. Whoever comes second keeps nothing."""
        begun = Path(tempfile.mkdtemp(dir=self._folder, prefix=f"{template.name}-"))
        try:
            if self._owner is not None:
                os.chown(begun, *self._owner)
            run("cp", "-R", data, begun / "data")
            with contextlib.suppress(OSError):
                begun.rename(template)
        finally:
            shutil.rmtree(begun, ignore_errors=True)

    def _kept_password(self) -> str:
        place = self._folder / "password"
        if not place.exists():
            descriptor, written = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "w") as file:
                file.write(os.urandom(16).hex())
            with contextlib.suppress(FileExistsError):
                os.link(written, place)
            Path(written).unlink()
        return place.read_text()
