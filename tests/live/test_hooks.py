"""Hooks of a contract: real calls, commands and SQL, their failures in one sentence, and their undoing however a run
ends.
"""

from __future__ import annotations

import asyncio
import http.server
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.loading.loader import load_contract
from ackord.contract.spec.hooks import Action
from ackord.errors import EnvironmentFailed, FileError, UnknownNameError, UsageError
from ackord.host.run_dir import RunDir
from ackord.providers.hook_actions import is_in_effect, perform_action
from ackord.providers.postgres.cluster import PostgresCluster
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

CONTRACT = Path(__file__).parents[2] / "contracts" / "reference.yaml"
PROFILE = """\
name: touched
incident: Somebody touched the provider's settings by hand.
phases: {steady: {orders: 2}, disturb: {orders: 6}}
workload: {plain: 1}
machine: false
faults:
  - {fault: hook, hook: touch, proves: [acknowledged-order-visible]}
exposes: [acknowledged-order-visible]
"""


def do(action: dict[str, Any], folder: Path, timeout_s: float = 10) -> dict[str, Any]:
    return asyncio.run(
        perform_action("the hook touch", Action.model_validate(action), timeout_s=timeout_s, folder=folder)
    )


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """An address, and what was sent there; ``/no`` is refused."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
            seen.append(f"{self.path} {self.headers['x-key']} {body}")
            self.send_response(403 if self.path == "/no" else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}", seen
        listening.shutdown()


def test_a_call_is_made_as_it_is_written(server: tuple[str, list[str]], tmp_path: Path) -> None:
    url, seen = server
    assert do({"http": {"url": f"{url}/lag", "headers": {"x-key": "k"}, "body": "200"}}, tmp_path) == {"status": 204}
    assert seen == ["/lag k 200"]
    with pytest.raises(EnvironmentFailed, match=r"hook touch failed: POST .*/no answered 403"):
        do({"http": {"url": f"{url}/no"}}, tmp_path)


def test_a_command_runs_beside_the_contract_without_a_shell(tmp_path: Path) -> None:
    script = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('lag')"
    assert do({"command": [sys.executable, "-c", script, "a; b"]}, tmp_path) == {"exit_code": 0}
    assert (tmp_path / "a; b").read_text() == "lag"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([sys.executable, "-c", "import sys; sys.exit('no such lag')"], "ended with exit code 1: no such lag"),
        (["/no/such/program"], "No such file"),
        ([sys.executable, "-c", "import signal; signal.pause()"], "took longer than 0.3 s"),
    ],
)
def test_a_command_that_fails_says_why(command: list[str], words: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=words):
        do({"command": command}, tmp_path, timeout_s=0.3 if "pause" in command[-1] else 10)


def contract_with_hook(
    folder: Path, mark: Path, *, undo: str = "unlink", measured: bool = True, measured_mark: Path | None = None
) -> Path:
    """``measured_mark``: the file that ``measure`` looks for, by default the one that ``do`` makes."""

    def touch(method: str) -> str:
        code = (
            f"import pathlib; pathlib.Path({str(mark)!r}).{method}({'missing_ok=True' if method == 'unlink' else ''})"
        )
        return json.dumps([sys.executable, "-c", code])

    text = CONTRACT.read_text() + (
        f"hooks:\n  touch:\n    about: Touches.\n    do: {{command: {touch('touch')}}}\n    undo: "
        f"{{command: {touch(undo)}}}\n"
    )
    if measured:
        text += f"    measure: {{command: {json.dumps(['test', '-e', str(measured_mark or mark)])}}}\n"
    (path := folder / "hooked.yaml").write_text(text)
    return path


def profile(folder: Path, hook: str = "touch") -> str:
    (path := folder / "touched.yaml").write_text(PROFILE.replace("hook: touch", f"hook: {hook}"))
    return str(path)


def test_a_profile_uses_the_hook_and_the_run_takes_it_back(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    plan = make_plan(
        RunOptions(
            str(contract_with_hook(tmp_path, mark)),
            profiles=[profile(tmp_path)],
            seed=3,
            out=tmp_path / "out",
            allow_hooks=True,
        )
    )
    with Session(plan) as session:
        result = session.run(plan.profiles[0])
    changes = [(f.fault, f.change, f.detail.get("exit_code")) for f in result.history.faults]
    assert ("hook", "effective", 0) in changes
    measured = [f.detail["measured"] for f in result.history.faults if f.change == "effective"]
    assert measured == [{"before": False, "after": True}]
    assert changes[-1][:2] == ("hook", "healed")
    assert result.verdict.result.value == "HELD"
    assert not mark.exists()


@pytest.mark.parametrize("why", ["no measure", "no effect", "in effect before"])
def test_a_hook_s_own_success_proves_nothing(why: str, tmp_path: Path) -> None:
    mark, other = tmp_path / "mark", tmp_path / "other"
    if why == "in effect before":
        other.touch()
    contract = contract_with_hook(tmp_path, mark, measured=why != "no measure", measured_mark=other)
    plan = make_plan(
        RunOptions(str(contract), profiles=[profile(tmp_path)], seed=3, out=tmp_path / "out", allow_hooks=True)
    )
    with Session(plan) as session:
        result = session.run(plan.profiles[0])
    assert "effective" not in [f.change for f in result.history.faults if f.fault == "hook"]
    judged = result.verdict.of("acknowledged-order-visible")
    assert (judged.result.value, judged.reason) == ("INCONCLUSIVE", "fault hook never took effect")


def test_a_hook_that_the_contract_lacks_is_refused_before_anything_starts(tmp_path: Path) -> None:
    contract = str(contract_with_hook(tmp_path, tmp_path / "mark"))
    with pytest.raises(UnknownNameError, match=r'"?touhc"?.*Did you mean "?touch"?'):
        Session(make_plan(RunOptions(contract, profiles=[profile(tmp_path, "touhc")], seed=3, allow_hooks=True)))
    with pytest.raises(UsageError, match="targets that could: reference, once the contract declares hooks"):
        Session(make_plan(RunOptions("reference", profiles=[profile(tmp_path)], seed=3)))


def test_the_next_run_undoes_what_a_killed_one_could_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mark = tmp_path / "mark"
    hook = load_contract(contract_with_hook(tmp_path, mark)).contract.hooks["touch"]
    # What the hooks' driver does before it performs ``do``, in a process that is then killed.
    code = (
        "import json, os, signal, sys\n"
        "from ackord.host.run_dir import RunDir\n"
        "run = RunDir.create()\n"
        "run.register_cleanup('ackord.providers.hook_actions:undo_hook', name='touch', "
        "hook=json.loads(sys.argv[1]), folder=sys.argv[2])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    hook_text = json.dumps(hook.model_dump(mode="json"))
    subprocess.run([sys.executable, "-c", code, hook_text, str(tmp_path)], check=False)
    mark.touch()
    with RunDir.create():
        assert not mark.exists()


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        ("about: x\n    do: {command: [a], sql: {dsn: 'postgresql://x', statements: [a]}}\n    undo: "
            "{command: [a]}", "command and|sql and command together"),
        ("about: x\n    do: {}\n    undo: {command: [a]}", "nothing to do"),
        ("about: x\n    do: {command: [a]}", '"undo" is missing'),
        ("about: x\n    do: {sql: {dsn: 'mysql://x', statements: [a]}}\n    undo: {command: [a]}", "dsn"),
    ],
)  # fmt: skip
def test_a_hook_that_makes_no_sense_is_told_with_its_line(hook: str, words: str, tmp_path: Path) -> None:
    (path := tmp_path / "hooked.yaml").write_text(f"{CONTRACT.read_text()}hooks:\n  lag:\n    {hook}\n")
    with pytest.raises(FileError, match=words) as error:
        load_contract(path)
    assert "hooked.yaml:" in str(error.value)


def test_sql_is_run_on_the_provider_s_own_database(tmp_path: Path) -> None:
    with RunDir.create() as run:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        cluster = PostgresCluster(run, primary_port=port, link_port=port)
        asyncio.run(cluster.start())
        try:
            server = cluster.primary
            dsn = f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/postgres?sslmode=disable"
            answer = do({"sql": {"dsn": dsn, "statements": ["CREATE TABLE lag (x int)", "SELECT 1"]}}, tmp_path)
            assert answer == {"results": ["CREATE TABLE", "SELECT 1"]}
            for statements, expected in ((["SELECT 1", "SELECT x IS NULL FROM lag"], False), (["SELECT 5 > 2"], True)):
                measure = Action.model_validate({"sql": {"dsn": dsn, "statements": statements}})
                assert asyncio.run(is_in_effect("touch", measure, timeout_s=10, folder=tmp_path)) is expected
            broken = Action.model_validate({"sql": {"dsn": dsn, "statements": ["SELECT nothing"]}})
            assert not asyncio.run(is_in_effect("touch", broken, timeout_s=10, folder=tmp_path))
            with pytest.raises(EnvironmentFailed, match='hook touch failed: relation "lag" already exists'):
                do({"sql": {"dsn": dsn, "statements": ["CREATE TABLE lag (x int)"]}}, tmp_path)
        finally:
            cluster.stop()
