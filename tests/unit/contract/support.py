"""A small contract that tests change one thing of, and a way to read text as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ackord.contract.codec.codec import Codec, compile_contract
from ackord.contract.loading.loader import LoadedContract, load_contract
from ackord.contract.loading.yaml_document import YamlDocument, parse_yaml
from ackord.contract.spec.model import Contract

HERE = Path("here.yaml")

SMALL = """\
provider: small
version: 1
environment: sandbox
accounts:
  main: {auth: {bearer: sk_main}, id: acc_1}
  other: {auth: {bearer: sk_other}}
submit:
  request: {method: POST, path: /orders, json: {no: "${order_no}", amount: "${amount.minor}", note: now}}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: ACK}
    - {when: {status: 409}, observation: CONFLICT}
    - {when: {status: 400}, observation: REJECTED}
    - {when: {status: 5xx}, observation: RETRYABLE}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.code}
query:
  request: {method: GET, path: "/orders/${order_no}"}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, $.code: NONE}, observation: NOT_FOUND}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.code}
ledger:
  request: {method: GET, path: /moves, query: {after: "${cursor}"}}
  rows: $.rows
  next: $.next
  extract: {movement_id: $.id, order_no: $.no, account: $.account, amount_minor: $.amount, kind: $.kind}
states: {OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED}
"""


def document(text: str, **env: str) -> YamlDocument:
    """``text`` as a file called here.yaml."""
    return parse_yaml(HERE, text.encode(), env=env)


def codec(old: str = "", new: str = "") -> Codec:
    """The small contract at work, with ``old`` replaced by ``new``."""
    assert old in SMALL
    return compile_contract(Contract.model_validate(document(SMALL.replace(old, new, 1) if old else SMALL).data))


def loaded(folder: Path, text: str, env: Mapping[str, str] | None = None) -> LoadedContract:
    """``text`` written to a file and loaded as a contract."""
    path = folder / "here.yaml"
    path.write_text(text, encoding="utf-8")
    return load_contract(path, env=env or {})


def changed(old: str, new: str) -> str:
    """The small contract's text with one change; fails if ``old`` does not stand in it."""
    assert old in SMALL
    return SMALL.replace(old, new, 1)
