"""What `proxies.py` compares, and the server behind: nginx, Toxiproxy, mitmproxy, the gateway and the embedded engine,
each in a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.links.kinds import LatencyToxic
from ackord.chaos.toxiproxy.embedded_engine import EmbeddedEngine
from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine
from ackord.host.run_dir import RunDir

BODY_BYTES = 173
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_body_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} backlog=8192;
    location / {{ default_type application/json; return 200 '{body}'; }}
  }}
}}
"""


class Proxy(ABC):
    """One proxy that runs: where clients find it, what it uses, and its latency fault."""

    name = ""
    """As the table calls it."""
    has_latency = True
    port = 0
    pid = 0

    @abstractmethod
    def set_latency(self, ms: int) -> None:
        """Hold every answer back for ``ms``; 0 takes the fault back."""

    @property
    def records(self) -> int | None:
        """How many exchanges were recorded and read by now; ``None``: it records nothing."""
        return None

    def cpu_s(self) -> float:
        """CPU time that its process has used, user's and system's (proc(5), fields 14 and 15)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK_S

    def memory_kib(self) -> tuple[int, int]:
        """RSS, and what of it is the process's own: pages that no other process shares."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        found = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:])}
        return found["Rss"], found["Private_Clean"] + found["Private_Dirty"]


class Direct(Proxy):
    """No proxy: nginx itself."""

    name = "nginx itself"
    has_latency = False

    def __init__(self, port: int, master: int) -> None:
        self.port = port
        self.pid = _first_child(master)

    def set_latency(self, ms: int) -> None:
        raise NotImplementedError


class Gateway(Proxy):
    """Ackord's HTTP gateway; this process reads its records, as a run does."""

    name = "Ackord's gateway"

    def __init__(self, run: RunDir, upstream_port: int) -> None:
        self._records = 0
        self._chaos = self._started(run)
        self.pid = self._chaos.child.pid
        self.port = self._chaos.open_edge("edge", {"A": ("127.0.0.1", upstream_port)}).port

    def _started(self, run: RunDir) -> ChaosProcess:
        return ChaosProcess.start(run, self._on_event, name="gateway")

    def _on_event(self, event: dict[str, Any]) -> None:
        self._records += event["event"] == "exchange" and event["end"] == "complete"

    def set_latency(self, ms: int) -> None:
        self._chaos.set_rules("edge", 1, [{"fault": "latency", "params": {"ms": ms}}] if ms else [])

    @property
    def records(self) -> int:
        self._chaos.drain("edge")
        return self._records

    def stop(self) -> None:
        self._chaos.stop()


class CompiledGateway(Gateway):
    """The same, from a folder with a compiled build."""

    name = "Ackord's gateway, compiled"

    def __init__(self, run: RunDir, upstream_port: int, folder: Path) -> None:
        """Exits if there is no compiled build in ``folder``."""
        self._folder = folder.resolve()
        if not list(self._folder.glob("ackord/chaos/gateway/*.so")):
            sys.exit(f"{folder} holds no compiled gateway. Make one with: .ci/compiled.sh")
        super().__init__(run, upstream_port)

    def _started(self, run: RunDir) -> ChaosProcess:
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = str(self._folder)
        try:
            return super()._started(run)
        finally:
            del os.environ["PYTHONPATH"]
            if before is not None:
                os.environ["PYTHONPATH"] = before


class Link(Proxy):
    """A link of Ackord's embedded engine."""

    name = "Ackord's link (TCP)"

    def __init__(self, run: RunDir, upstream_port: int) -> None:
        self._chaos = ChaosProcess.start(run, name="links")
        self.pid = self._chaos.child.pid
        self._engine = EmbeddedEngine(self._chaos)
        _, self.port = self._engine.open_link("link", "127.0.0.1", upstream_port)

    def set_latency(self, ms: int) -> None:
        self._engine.set_toxics("link", [LatencyToxic(latency_ms=ms)] if ms else [])

    def stop(self) -> None:
        self._chaos.stop()


class Toxiproxy(Proxy):
    """A real Toxiproxy server."""

    name = "Toxiproxy (TCP)"

    def __init__(self, run: RunDir, upstream_port: int, core: int | None, program: str) -> None:
        port = free_port()
        self.pid = start(run, [program, "-host", "127.0.0.1", "-port", str(port)], core, port)
        self._engine = ToxiproxyEngine.connect(f"http://127.0.0.1:{port}", run)
        self.version = self._engine.description
        _, self.port = self._engine.open_link("link", "127.0.0.1", upstream_port)

    def set_latency(self, ms: int) -> None:
        self._engine.set_toxics("link", [LatencyToxic(latency_ms=ms)] if ms else [])


class Mitmproxy(Proxy):
    """mitmproxy's mitmdump as a reverse proxy, without a script and without its log."""

    name = "mitmproxy"
    has_latency = False

    def __init__(self, run: RunDir, upstream_port: int, core: int | None, program: str) -> None:
        self.port = free_port()
        home = run.path / "mitmproxy"
        home.mkdir()
        words = [program, "--quiet", "--mode", f"reverse:http://127.0.0.1:{upstream_port}"]
        words += ["--listen-host", "127.0.0.1", "--listen-port", str(self.port), "--set", f"confdir={home}"]
        self.pid = start(run, words, core, self.port)

    def set_latency(self, ms: int) -> None:
        raise NotImplementedError


def machine_s() -> float:
    """CPU time that was used on the machine, or taken from it by its host, but for interrupts (proc(5), /proc/stat)."""
    user, nice, system, _, _, _, _, stolen = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + stolen) * _TICK_S


def pin(pid: int, core: int | None) -> None:
    """Keep a process that runs, and what it starts from now on, on one core; ``None``: leave it."""
    if core is not None:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def start(run: RunDir, command: list[str], core: int | None, port: int) -> int:
    """Start a server, from its first instruction on ``core``; return its process number when it listens on ``port``."""
    if core is not None:
        command = ["taskset", "--cpu-list", str(core), *command]
    log = run.path / f"{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    run.record(process.pid)
    for _ in range(3000):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process.pid
        if process.poll() is not None:
            break
        time.sleep(0.01)
    sys.exit(f"{command} does not listen on its port: {log.read_text(errors='replace')[-800:]}")


def _first_child(pid: int) -> int:
    """nginx listens before it has made the process that serves."""
    for _ in range(1000):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.01)
    sys.exit("nginx made no process to serve")


def start_nginx(run: RunDir, core: int | None) -> Direct:
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="nginx-", dir=run.path))
    folder.chmod(0o777)  # its worker is another user
    head = '{"order_no":"20240101000000000001","status":"SUCCEEDED","amount_minor":1000,"currency":"EUR","note":"'
    body = head + "x" * (BODY_BYTES - len(head) - 2) + '"}'
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port, body=body))
    return Direct(port, start(run, ["nginx", "-c", str(config), "-p", str(folder)], core, port))


def need(*programs: str) -> None:
    """See that the programs are there: Debian's packages of the same names are installed if they are not."""
    missing = [program for program in programs if shutil.which(program) is None]
    if not missing:
        return
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(
            f"not there: {', '.join(missing)}. Install them, or run this as root on Debian, where it installs them"
        )
    print(f"installing {', '.join(missing)}", file=sys.stderr)
    # In runlevel 1 Debian's packages start no service, so nginx does not take port 80.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment, stdout=sys.stderr)
    words = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    subprocess.run(words, check=True, env=environment, stdout=sys.stderr)


def find_toxiproxy() -> str:
    here = Path(__file__).parents[2] / ".tools" / "bin" / "toxiproxy-server"
    program = str(here) if here.exists() else shutil.which("toxiproxy-server")
    if program is None:
        sys.exit("toxiproxy-server is not there. Install it with: .ci/toxiproxy.sh")
    return program


@contextlib.contextmanager
def mitmdump(program: str) -> Iterator[str]:
    """The path of mitmdump: ``program``, or else mitmproxy is installed into a folder of its own for as long as it is
    needed.
    """
    if program:
        yield program
        return
    with tempfile.TemporaryDirectory(prefix="ackord-mitmproxy-") as folder:
        print("installing mitmproxy into a folder of its own", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([f"{folder}/bin/pip", "install", "--quiet", "mitmproxy"], check=True, stdout=sys.stderr)
        yield f"{folder}/bin/mitmdump"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
