"""What several live tests stand on: one chaos process a module, which must end without a word in its log, and a
provider a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord import cli
from ackord.host.run_dir import RunDir

from .edges import Process
from .peers import Provider
from .small_payouts import TINY, Certify, SmallPayouts, contract_at


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    with RunDir.create() as run:
        process = Process(run)
        yield process
        process.chaos.stop()
        assert (run.path / "chaos.log").read_text() == "", "nothing was raised where nobody looks"


@pytest.fixture
def pytester(pytester: pytest.Pytester) -> pytest.Pytester:
    """Its sessions do without Schemathesis' plug-in, which takes a third of their start and has no part in them."""
    pytester.plugins.append("no:schemathesis")
    return pytester


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def certify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Certify:
    """Certify a small provider; the evidence is in ``tmp_path / "out"``, and what is said ends with the last line."""
    (tmp_path / "tiny.yaml").write_text(TINY)
    monkeypatch.setattr("signal.signal", lambda *a: None)
    monkeypatch.setenv("COLUMNS", "400")  # a long path would be broken in the middle

    def run(provider: SmallPayouts, *words: str, changes: tuple[tuple[str, str], ...] = ()) -> tuple[int, str]:
        contract, out = contract_at(tmp_path, *changes), str(tmp_path / "out")
        command = ["ackord", "certify", contract, "--target", provider.url, "--seed", "1", "--out", out, *words]
        if "--profile" not in words:
            command += ["--profile", str(tmp_path / "tiny.yaml")]
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((said.err + said.out).split())

    return run
