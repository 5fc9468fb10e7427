"""Free ports: outside the kernel's range of outgoing connections, and another one each time."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from ackord.host.free_port import free_port


def test_ports_are_free_and_outside_the_range_of_outgoing_connections() -> None:
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    ports = [free_port() for _ in range(20)]
    assert len(set(ports)) == 20
    assert all(not first <= port <= last for port in ports)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", ports[-1]))


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        assert taken.getsockname()[1] not in {free_port() for _ in range(50)}


def test_what_another_process_found_is_passed_over_until_it_ends() -> None:
    script = (
        "import sys; from ackord.host import free_port as looked;"
        "looked.os.getpid = lambda: 1; print(looked.free_port(), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    found = first.stdout.readline()
    beside = subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout
    first.communicate()
    after = subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout
    assert beside != found == after
