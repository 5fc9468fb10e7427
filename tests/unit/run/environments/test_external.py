"""Where payments may be sent to: this machine, or, when it is asked for, a sandbox over https; never a production."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.contract.loading.loader import shipped
from ackord.errors import UsageError
from ackord.run.environments import open_environment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

SMALL = (shipped("contracts") / "reference.yaml").read_text()
TEXT = SMALL + "base_url: https://api.sandbox.example.com\nproduction: {hosts: [api.example.com]}\n"


def opened(folder: Path, *, text: str = TEXT, **wish: Any) -> Any:
    path = folder / "here.yaml"
    path.write_text(text)
    return open_environment(make_plan(RunOptions(str(path), profiles=["none"], seed=1, out=folder / "out", **wish)))


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({}, "not a loopback address"),
        ({"target": "http://10.0.0.1:8080"}, "not a loopback address"),
        ({"target": "http://api.sandbox.example.com", "remote": True}, "over https only"),
        ({"target": "https://api.example.com", "remote": True}, "the provider's production"),
        ({"target": "https://API.example.com.", "remote": True}, "the provider's production"),
        ({"target": "ftp://127.0.0.1", "remote": True}, "no address of a provider"),
        ({"target": "https://host:99999", "remote": True}, "no address of a provider"),
        ({"target": "https://api.sandbox.example.com/v1", "remote": True}, "no address of a provider"),
    ],
)
def test_payments_are_not_sent_there(tmp_path: Path, wish: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        opened(tmp_path, **wish)


def test_a_production_contract_is_refused_even_so(tmp_path: Path) -> None:
    text = SMALL.replace("environment: sandbox", "environment: production")
    with pytest.raises(UsageError, match="environment is production"):
        opened(tmp_path, text=text, remote=True)


def test_a_sandbox_is_called_by_its_name(tmp_path: Path) -> None:
    environment = opened(tmp_path, remote=True)
    assert environment.host == "api.sandbox.example.com"
    assert environment.seams == {"edge", "wire"}


def test_this_machine_needs_no_leave(tmp_path: Path) -> None:
    assert opened(tmp_path, target="http://localhost:1").host == ""


def test_several_addresses_of_one_provider_are_its_nodes(tmp_path: Path) -> None:
    nodes = SMALL + "nodes: {east: 'http://127.0.0.1:1', west: 'http://127.0.0.1:2'}\n"
    assert "nodes" in opened(tmp_path, text=nodes, target="http://127.0.0.1:1").seams
    assert "nodes" not in opened(tmp_path, text=nodes, target="http://127.0.0.1:3").seams


def test_addresses_that_differ_in_tls_are_refused(tmp_path: Path) -> None:
    mixed = SMALL + "hosts: {queries: 'https://127.0.0.1:2'}\n"
    with pytest.raises(UsageError, match="differ in how TLS"):
        opened(tmp_path, text=mixed, target="http://127.0.0.1:1")


def test_accounts_that_show_different_certificates_are_refused(tmp_path: Path) -> None:
    text = SMALL
    for n, key in enumerate(("sk_main", "sk_other")):
        for file in (f"{n}.pem", f"{n}.key"):
            (tmp_path / file).touch()
        text = text.replace(
            f"{{auth: {{bearer: {key}}}}}",
            f"{{auth: {{bearer: {key}, mtls: {{certificate: {n}.pem, private_key: {n}.key}}}}}}",
        )
    with pytest.raises(UsageError, match="different client certificates"):
        opened(tmp_path, text=text, target="https://127.0.0.1:1")
    same = text.replace("1.pem", "0.pem").replace("1.key", "0.key")
    shown = opened(tmp_path, text=same, target="https://127.0.0.1:1").certificate
    assert shown == (tmp_path / "0.pem", tmp_path / "0.key")
    assert opened(tmp_path, text=same, target="http://127.0.0.1:1").certificate is None


def test_the_ledger_of_another_host_is_read_there(tmp_path: Path) -> None:
    text = SMALL + "hosts: {books: 'http://127.0.0.1:2'}\n"
    environment = opened(tmp_path, text=text, target="http://127.0.0.1:1")
    assert environment.url_of_host("books") == "http://127.0.0.1:2"


def resolving(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    found = [(0, 0, 0, "", (number, 0)) for number in numbers]
    monkeypatch.setattr("socket.getaddrinfo", lambda *a, **k: found)


def test_a_service_beside_the_job_is_a_target_when_its_name_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="--allow-host provider, if this is a service beside this job"):
        opened(tmp_path, target="http://provider:8080")
    resolving(monkeypatch, "172.18.0.3")
    environment = opened(tmp_path, target="http://provider:8080", allow_hosts=["Provider"])
    assert environment.host == "provider:8080"
    direct = environment.connect_url("http://provider:8080/")
    assert (direct, environment.host_header(direct)) == ("http://172.18.0.3:8080", "provider:8080")
    assert environment.pace is None


@pytest.mark.parametrize("numbers", [("93.184.216.34",), ("10.0.0.1", "8.8.8.8"), ("169.254.169.254",)])
def test_an_allowed_name_that_leads_elsewhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: tuple[str, ...]
) -> None:
    resolving(monkeypatch, *numbers)
    with pytest.raises(UsageError, match="no address of a private network"):
        opened(tmp_path, target="http://provider:8080", allow_hosts=["provider"])


def test_other_names_than_the_allowed_one_are_refused_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "10.0.0.1")
    with pytest.raises(UsageError, match="not a loopback address"):
        opened(tmp_path, target="http://provider.example.com", allow_hosts=["provider"])
    text = SMALL + "hosts: {queries: 'http://queries:1'}\n"
    with pytest.raises(UsageError, match="--target http://queries:1: this is not a loopback address"):
        opened(tmp_path, text=text, target="http://provider:8080", allow_hosts=["provider"])


def test_a_host_of_production_is_refused_even_if_its_name_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the provider's production"):
        opened(tmp_path, target="http://api.example.com", allow_hosts=["api.example.com"])


def test_by_tls_the_name_stays_because_the_certificate_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "10.0.0.1")
    environment = opened(tmp_path, target="https://provider", allow_hosts=["provider"])
    assert environment.connect_url("https://provider") == "https://provider"
