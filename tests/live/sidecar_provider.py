"""Runs the paying provider where other hosts of a private network reach it, at port 8080, until it is killed: the side-car
of a job, in a network that the test made.
"""

from __future__ import annotations

import signal

from .paying_provider import PayingProvider


class SidecarProvider(PayingProvider):
    listens_on = ("0.0.0.0", 8080)


if __name__ == "__main__":
    with SidecarProvider():
        print("listening", flush=True)
        signal.pause()
