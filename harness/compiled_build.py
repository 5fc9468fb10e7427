"""Compiles the modules that pyproject.toml names into the wheel, where ``ACKORD_COMPILE=1`` asks for it.

The sources are compiled in a copy: a compiled module beside its source would be imported instead of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SETUP = """
from mypyc.build import mypycify
from setuptools import setup

modules = mypycify({arguments!r}, group_name="ackord", opt_level="2", debug_level="0")
setup(name="ackord", packages=[], ext_modules=modules)
"""
_MYPY_OPTIONS = ("--ignore-missing-imports", "--no-warn-unused-ignores")
"""Packages that are absent while a wheel is built cost speed, not correctness: what they define is of any type."""


class CompiledBuild(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel; without ``ACKORD_COMPILE=1`` it does nothing."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def _wanted(self) -> bool:
        return self.target_name == "wheel" and os.environ.get("ACKORD_COMPILE", "") not in ("", "0")

    def dependencies(self) -> list[str]:
        """Return what is needed to build, besides a C compiler."""
        return ["mypy[mypyc]>=1.18"] if self._wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile. Raises ``RuntimeError`` with the compiler's words if that fails."""
        if not self._wanted() or version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory(prefix="ackord-compile-")
        root = Path(self._folder.name)
        shutil.copytree(Path(self.root) / "harness" / "ackord", root / "ackord")
        sources = [f"{name.replace('.', '/')}.py" for name in self.config["compiled"]]
        absent = [source for source in sources if not (root / source).is_file()]
        if absent:
            raise RuntimeError(f"pyproject.toml names modules to compile that do not exist: {', '.join(absent)}")
        setup = root / "setup.py"
        setup.write_text(_SETUP.format(arguments=[*_MYPY_OPTIONS, *sources]))
        done = subprocess.run(
            [sys.executable, str(setup), "build_ext", "--inplace"], cwd=root, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(
                f"the modules that pyproject.toml names could not be compiled:\n{done.stdout}{done.stderr}\n"
                "  mend: install a C compiler and Python's headers, or leave ACKORD_COMPILE unset"
            )
        made = [path for path in root.rglob("*.so") if "build" not in path.relative_to(root).parts]
        build_data["force_include"].update({str(path): path.relative_to(root).as_posix() for path in made})
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the copy."""
        if self._folder is not None:
            self._folder.cleanup()
