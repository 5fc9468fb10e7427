from __future__ import annotations

from pathlib import Path

from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract, shipped
from ackord.contract.loading.written_secrets import is_credential, written_secrets
from ackord.contract.loading.yaml_document import parse_yaml
from ackord.masking import mask

TEXT = b"""
accounts:
  main: {id: m-1, auth: {bearer: "plain-bearer-value"}}
  other: {auth: {bearer: "${env:KEY}"}}
  third: {auth: {headers: {Authorization: "Bearer ${token}"}, password: "plain-password"}}
submit:
  request: {json: {key: "${order_no}", access_token: $.x}}
"""


def test_values_that_may_be_secrets_are_found_and_those_of_the_environment_are_not() -> None:
    document = parse_yaml(Path("x.yaml"), TEXT, env={"KEY": "from-the-environment"})
    found = dict(written_secrets(document))
    assert [path[-1] for path in found] == ["bearer", "Authorization", "password", "key", "access_token"]
    assert [value for path, value in found.items() if is_credential(path, value)] == [
        "plain-bearer-value", "plain-password",
    ]  # fmt: skip


def test_a_credential_that_is_written_out_is_masked_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = (shipped("contracts") / "reference.yaml").read_text().replace("bearer: sk_main", "bearer: written-out-key-1")
    path.write_text(text)
    load_contract(path)
    assert mask("Bearer written-out-key-1") == "Bearer ***"


def test_contracts_that_come_with_ackord_have_none() -> None:
    for name in contract_names("contracts"):
        document = load_contract(name, env=PlaceholderEnv()).document
        found = {value for path, value in written_secrets(document) if is_credential(path, value)}
        assert all(value.startswith("sk_") for value in found), name
