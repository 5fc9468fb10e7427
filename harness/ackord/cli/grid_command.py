"""Runs ``ackord`` for a grid of commands, and is interrupted when the grid's process dies: ``kill -9`` tells nobody."""

from __future__ import annotations

import os
import signal
import sys

from ..host.parent_death import end_with_parent
from ..host.run_dir import sweep

__all__: list[str] = []


def main() -> None:
    """Run the command line behind the process number of the grid; where that has died, remove its folder, too."""
    grid = int(sys.argv.pop(1))
    end_with_parent(signal.SIGTERM)
    if os.getppid() != grid:  # it died before
        sys.exit(130)
    from . import main as command_line

    try:
        command_line()
    finally:
        if os.getppid() != grid:  # what the grid had in this machine is left to this process
            sweep()


if __name__ == "__main__":
    main()
