"""Starts the command line: ``python -m ackord``, and the installed command ``ackord``."""

from __future__ import annotations

import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run the command line. Ctrl-C while its modules are still being loaded ends it with exit code 130 too.

    Loading takes up to a second on a slow machine: nothing was begun until then, so nothing has to be taken back.
    """
    try:
        from .cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        print("ackord: interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
