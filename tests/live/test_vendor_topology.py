"""A provider that is not ours earns the level that demands lag inside it, by a contract that says what it is made of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ackord import cli
from ackord.certificate.keys import make_keys

from .loopback_server import changed
from .test_topology import System, system

__all__ = ["system"]

SUBJECT = "vendor: Small Payouts\nproduct: Payouts\nversion: '1'\nenvironment: this machine\n"


@pytest.mark.full
@pytest.mark.parametrize("system", ["WRITES_TO"], indirect=True)
def test_a_vendor_earns_a2(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_keys(tmp_path / "key.pem")
    (tmp_path / "vendor.yaml").write_text(SUBJECT)
    signed = ("--sign", str(tmp_path / "key.pem"), "--subject", str(tmp_path / "vendor.yaml"))
    monkeypatch.setenv("MAIN_KEY", "sk_main")
    monkeypatch.setenv("OTHER_KEY", "sk_other")
    written_out = system.contract.read_text()
    code, said = system.certify("--allow-hooks", "--level", "A2")
    assert (code, "may be a secret that is written out" in said) == (2, True), said
    system.contract.write_text(
        changed(
            written_out,
            ("bearer: sk_main", 'bearer: "${env:MAIN_KEY}"'),
            ("bearer: sk_other", 'bearer: "${env:OTHER_KEY}"'),
        )
    )
    code, said = system.certify("--allow-hooks", "--level", "A2")
    assert (code, "a stranger could not read the contract" in said) == (2, True), said
    text = system.contract.read_text()
    for variable, server in (("WRITES_TO", "primary"), ("STANDBY", "standby")):
        address = f"postgresql://postgres:${{env:PGPASSWORD}}@127.0.0.1:{system.ports[server]}/postgres"
        text = changed(text, (f'"${{env:{variable}}}"', f'"{address}"'))
    system.contract.write_text(text)
    code, said = system.certify("--allow-hooks", "--level", "A2")
    assert (code, "A2 demands landing-bounded" in said) == (2, True), said
    system.contract.write_text(
        changed(system.contract.read_text(), ("settles_within: 2s", "settles_within: 2s, lands_within: 1s"))
    )

    code, said = system.certify("--allow-hooks", "--level", "A2", *signed)
    assert code == 0, said
    assert "A2: granted" in said
    bundle = tmp_path / "out" / "certificate"
    secret = os.environ["PGPASSWORD"].encode()
    assert not [path for path in bundle.rglob("*") if path.is_file() and secret in path.read_bytes()]
    monkeypatch.setattr(sys, "argv", ["ackord", "verify", str(bundle), "--key", str(tmp_path / "key.pub.pem")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
