"""One server's death: told from its process and its log; a shutdown that was asked for is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ackord.providers.postgres.postgres_server import PostgresServer

KILLED = b"2026-01-01 LOG:  server process (PID 41) was terminated by signal 9: Killed\n"


@pytest.fixture
def server(tmp_path: Path) -> PostgresServer:
    made = PostgresServer("standby", tmp_path / "data", tmp_path / "log", None)
    made.log.write_bytes(b"LOG:  starting\nFATAL:  terminating walreceiver process due to administrator command\n")
    return made


def test_a_server_that_runs_is_alive(server: PostgresServer) -> None:
    assert server.death() == ""


def test_a_process_of_the_server_that_somebody_killed(server: PostgresServer) -> None:
    assert server.death() == ""
    with server.log.open("ab") as log:
        log.write(KILLED[:40])
    assert server.death() == "", "half a line says nothing yet"
    with server.log.open("ab") as log:
        log.write(KILLED[40:])
    assert "a process of the PostgreSQL standby was killed" in server.death()
    assert "(PID 41) was terminated by signal 9" in KILLED.decode()


@pytest.mark.parametrize(("code", "dead"), [("import time; time.sleep(60)", False), ("raise SystemExit(3)", True)])
def test_a_process_that_ended(server: PostgresServer, code: str, dead: bool) -> None:
    process = server.process = subprocess.Popen([sys.executable, "-c", code])
    try:
        if dead:
            process.wait()
        assert server.death() == ("the PostgreSQL standby ended by itself (exit code 3)" if dead else "")
    finally:
        server.stop()
    assert process.returncode is not None
    assert server.death() == "", "it was stopped"
