"""What starting costs: importing the package, ``ackord --help``, and a pytest session with and without the plugin,
interleaved in one run.

Prints a Markdown table of medians in milliseconds. Run it with the interpreter that Ackord is installed for::

    python -m tests.benchmarks.startup [--runs 15]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUIET = [
    "-q",
    *(
        w
        for name in ("cacheprovider", "schemathesis", "hypothesispytest", "xdist", "anyio")
        for w in ("-p", f"no:{name}")
    ),
]
"""Other plugins take seconds, and their noise would hide ours."""

CASES = {
    "python, nothing imported": ["-c", "pass"],
    "import ackord": ["-c", "import ackord"],
    "ackord --help": ["-m", "ackord", "--help"],
    "a pytest session without the plugin": ["-m", "pytest", *QUIET, "-p", "no:ackord"],
    "a pytest session with the plugin, not used": ["-m", "pytest", *QUIET],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15, help="of each case")
    runs = parser.parse_args().runs
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_one.py").write_text("def test_one(): assert True\n")
        for _ in range(runs + 1):
            for name, arguments in CASES.items():
                began = time.perf_counter()
                subprocess.run([sys.executable, "-P", *arguments], cwd=folder, check=True, capture_output=True)
                taken[name].append((time.perf_counter() - began) * 1000)
    # The first round fills the caches of the disk and of compiled modules.
    medians = {name: statistics.median(times[1:]) for name, times in taken.items()}
    print("| | median ms |\n|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.0f} |")
    plugin = medians["a pytest session with the plugin, not used"] - medians["a pytest session without the plugin"]
    print(f"| the plugin's share | {plugin:.0f} |")
    kept = medians["import ackord"] < 300 and medians["ackord --help"] < 300 and plugin < 50
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
