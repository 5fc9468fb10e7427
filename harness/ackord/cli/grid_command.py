"""Runs ``ackord`` for a grid of commands, and is interrupted when the grid's process dies: ``kill -9`` tells nobody."""

from __future__ import annotations

import os
import signal
import sys

from ..host.parent_death import end_with_parent

__all__: list[str] = []


def main() -> None:
    """Run the command line behind the process number of the grid."""
    grid = int(sys.argv.pop(1))
    end_with_parent(signal.SIGTERM)
    if os.getppid() != grid:  # it died before
        sys.exit(130)
    from . import main as command_line

    command_line()


if __name__ == "__main__":
    main()
