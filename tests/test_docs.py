"""What is not documented does not exist; what is documented must be true."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import typer

from ackord.certificate.catalogue import catalogue_files
from ackord.chaos.faults import FAULTS, edge_actions
from ackord.chaos.profile import profile_names
from ackord.cli import app
from ackord.contract import extractors, signing
from ackord.contract.base import statement_parser
from ackord.contract.codec.codec import Payment
from ackord.contract.docs.generated_files import stale_files
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.guarantees import GUARANTEES
from ackord.guarantees.base import Guarantee
from ackord.guarantees.merchant import MERCHANT_GUARANTEES, MerchantGuarantee
from ackord.providers.flaws import FLAWS
from ackord.report import REPORTS
from ackord.report.contract_places import guarantee_lines
from ackord.report.github import error_commands
from ackord.report.report_registry import rendered
from ackord.workload.all_scenarios import SCENARIOS
from tests.golden.campaigns import campaign

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCS = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
ALL = "\n".join([README, *DOCS.values()])
CATALOGUE = (ROOT / "chaos_profiles/README.md").read_text()
COMMAND: Any = typer.main.get_command(app)

pytestmark = pytest.mark.skipif(not (ROOT / "harness").is_dir(), reason="the documents are in a checkout only")


def commands(group: Any = COMMAND, prefix: str = "ackord") -> list[str]:
    found = []
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found += commands(command, f"{prefix} {name}")
        else:
            found.append(f"{prefix} {name}")
    return found


BARE_GROUPS = {f"ackord {name}" for name, group in COMMAND.commands.items() if hasattr(group, "default")}
"""Groups that the documents name where they mean their main command."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", ALL, re.MULTILINE | re.DOTALL)


def lines_that_call(program: str) -> list[str]:
    calls = [line for block in blocks("sh") for line in block.splitlines() if line.startswith(f"{program} ")]
    return calls + re.findall(rf"`({program} [^`\n]+)`", ALL)


@pytest.mark.parametrize("command", commands())
def test_the_readme_names_every_command(command: str) -> None:
    assert command in README


@pytest.mark.parametrize("line", lines_that_call("ackord"))
def test_commands_in_the_readme_are_understood(line: str) -> None:
    """Each is parsed, not run: a command or an option that does not exist raises. A bare command is
    named, not called. A group with a main command is called without its name.
    """
    if line in commands() or line in BARE_GROUPS:
        return
    words = shlex.split(line)[1:]
    command = COMMAND
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0) if words[0] in command.commands else command.default]
    command.make_context(command.name, words)


def test_there_are_commands_in_the_readme_to_check() -> None:
    assert len(lines_that_call("ackord")) >= 5


@pytest.mark.parametrize("marker", ["main-job", "tests"])
def test_the_readme_has_the_blocks_that_ci_runs(marker: str) -> None:
    assert re.search(rf"^<!-- {marker} -->\n```sh\n[^`]+\n```$", README, re.MULTILINE)


@pytest.mark.parametrize("guarantee", [*GUARANTEES, *MERCHANT_GUARANTEES], ids=lambda guarantee: guarantee.id)
def test_every_guarantee_is_listed_with_its_title(guarantee: Guarantee | MerchantGuarantee) -> None:
    assert f"| `{guarantee.id}` | {guarantee.title} |" in DOCS["GUARANTEES.md"]


@pytest.mark.parametrize("flaw", FLAWS.names())
def test_the_grid_has_every_flaw(flaw: str) -> None:
    assert re.search(rf"^\| `{flaw}` \|", DOCS["EVIDENCE.md"], re.MULTILINE)


def test_the_catalogue_of_guarantees_is_current() -> None:
    assert not stale_files(catalogue_files()), "run python -m ackord.certificate.catalogue"


@pytest.mark.parametrize("name", profile_names())
def test_the_catalogue_names_every_profile(name: str) -> None:
    assert f"\n### {name}\n" in CATALOGUE


@pytest.mark.parametrize("name", FAULTS.names())
def test_the_catalogue_names_every_fault(name: str) -> None:
    assert f"\n### Fault `{name}`\n" in CATALOGUE


@pytest.mark.parametrize("name", SCENARIOS.names())
def test_every_plot_is_played_by_some_profile_and_told(name: str) -> None:
    assert f"`{name}` " in CATALOGUE
    assert SCENARIOS.get(name).__doc__


def test_a_profile_s_author_finds_every_scenario_explained() -> None:
    table = DOCS["PLUGINS.md"].partition("| scenario |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)) == sorted(SCENARIOS.names())


def test_a_fault_s_author_finds_every_action_with_its_parameters() -> None:
    found = dict(re.findall(r"^\| `(\w+)\(([^)]*)\)`", DOCS["CONTRIBUTING.md"], re.MULTILINE))
    kinds = {*edge_actions.EdgeAction.__subclasses__(), *edge_actions.AnswerAction.__subclasses__()}
    # A dataclass with slots is made anew, and its first form may still be listed among the subclasses.
    kinds = {kind for kind in kinds if getattr(edge_actions, kind.__name__) is kind}
    actions = {kind.__name__: kind for kind in kinds - {edge_actions.AnswerAction}}
    assert found == {
        name: ", ".join(field.name for field in fields(kind) if field.name != "detail")
        for name, kind in actions.items()
    }


def test_the_rooms_of_the_architecture_are_those_of_the_code() -> None:
    rooms = {p.name for p in (ROOT / "harness/ackord").iterdir() if p.is_dir() and not p.name.startswith("_")}
    rows = re.findall(r"^\| (`.*?) \|", DOCS["ARCHITECTURE.md"], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == rooms


def test_every_report_is_named() -> None:
    table = re.findall(r"^\| `([\w-]+)` \| (?:`([^`]+)`|none)", DOCS["REPORTS.md"], re.MULTILINE)
    assert sorted(table) == sorted((report.name, report.file) for report in REPORTS)
    assert [name for name, _ in SAMPLES] == [name for name, _ in table if name != "html"]
    for file in ("result.json", "junit.xml", "GITHUB_STEP_SUMMARY", "report.html"):
        assert file in README


SAMPLES = re.findall(r"<!-- sample: ([\w-]+) -->\n```\w+\n(.*?)```", DOCS["REPORTS.md"], re.DOTALL)


def holds(whole: Any, part: Any) -> bool:
    """Whether ``part`` is ``whole``, or what is left of it when entries are taken out."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and holds(whole[key], value) for key, value in part.items())
    return bool(whole == part) or (
        isinstance(part, list) and isinstance(whole, list) and len(part) == len(whole) and all(map(holds, whole, part))
    )


def anywhere(data: Any) -> Iterator[Any]:
    """``data`` and everything in it."""
    yield data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from anywhere(inner)


@pytest.mark.parametrize(("name", "sample"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_a_report_looks_as_its_sample(name: str, sample: str) -> None:
    loaded = load_contract("reference", env=PlaceholderEnv())
    result = replace(
        campaign("violated-visibility", "held"),
        contract_file="contracts/reference.yaml",
        contract_lines=guarantee_lines(loaded),
    )
    if name == "github":
        text = "\n".join(error_commands(result))
    else:
        text = rendered(REPORTS.get(name), result, Path()).decode()
    if sample.startswith("{"):
        part = json.loads(sample)
        assert any(holds(whole, part) for whole in anywhere(json.loads(text)))
    else:
        assert sample.strip() in text


def test_the_readme_is_short_enough_to_read() -> None:
    assert len(README.splitlines()) <= 220


@pytest.mark.parametrize("name", ["README.md", *DOCS])
def test_lines_of_the_docs_fit_on_a_screen(name: str) -> None:
    """Tables and code cannot be wrapped."""
    text = re.sub(r"^```.*?^```$", "", DOCS.get(name, README), flags=re.MULTILINE | re.DOTALL)
    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")] == []


def test_the_readme_leads_to_every_document() -> None:
    assert [name for name in DOCS if f"(docs/{name})" not in README] == []


def test_local_links_lead_somewhere() -> None:
    for document in [
        ROOT / "README.md",
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("*/README.md"),
        *ROOT.glob("harness/**/README.md"),
        *ROOT.glob("tests/**/README.md"),
    ]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.relative_to(ROOT)} links to {target}"


MONEY = re.findall(r"<!-- money -->\n```yaml\n(.*?)```", DOCS["FIRST_CONTRACT.md"], re.DOTALL)
"""Each source of movements of money as the docs show it."""


@pytest.mark.parametrize("section", MONEY)
def test_the_sources_of_money_in_the_docs_are_what_a_contract_may_say(section: str, tmp_path: Path) -> None:
    text = (ROOT / "contracts" / "reference.yaml").read_text()
    before, _, rest = text.partition("\nledger:\n")
    path = tmp_path / "mine.yaml"
    path.write_text(f"{before}\n{section}{rest[re.search('^[a-z]', rest, re.MULTILINE).start() :]}")  # type: ignore[union-attr]
    loaded = load_contract(path, env=PlaceholderEnv())
    assert loaded.contract.to_promises().has_ledger


def test_every_source_of_money_is_in_the_docs() -> None:
    assert [key for section in MONEY for key in re.findall(r"^  (request|sql|command):", section, re.MULTILINE)] == [
        "request", "sql", "command", "request",
    ]  # fmt: skip


def test_the_signature_in_the_docs_is_made_as_they_say(tmp_path: Path) -> None:
    shown = re.findall(r"<!-- signed -->\n```yaml\n(.*?)```", DOCS["FIRST_CONTRACT.md"], re.DOTALL)
    text = (ROOT / "contracts" / "reference.yaml").read_text()
    before, _, rest = text.partition("\naccounts:\n")
    path = tmp_path / "mine.yaml"
    others = "".join(f"  {name}: {{auth: {{bearer: key}}}}\n" for name in ("other", "operator"))
    path.write_text(f"{before}\n{shown[0]}{others}{rest[re.search('^[a-z]', rest, re.MULTILINE).start() :]}")  # type: ignore[union-attr]
    loaded = load_contract(path, env={"CLIENT_ID": "client-7", "CLIENT_SECRET": "secret"})
    request = loaded.codec.submit(Payment("N-1", "main", 1999, "EUR", "payee"))
    headers = dict(request.headers)
    signed = "\n".join(
        [request.method, request.target, headers["X-Time"], hashlib.sha256(request.body or b"").hexdigest()]
    )
    made = hmac.new(b"secret", signed.encode(), hashlib.sha256).digest()
    assert (headers["X-Client"], headers["X-Signature"]) == ("client-7", base64.b64encode(made).decode())


@pytest.mark.parametrize("code", blocks("python"))
def test_python_in_the_readme_compiles(code: str) -> None:
    compile(code, "docs", "exec")


HOOKS = DOCS["PLUGINS.md"].partition("<!-- hooks -->\n")[2]
"""What a package that brings hooks is shown to look like: its entry points, and its one module."""


def test_the_package_in_the_docs_brings_what_a_contract_may_name() -> None:
    """That it works is held by tests/live/test_hooked_contract.py."""
    shown = next(block for block in blocks("toml") if "entry-points" in block)
    points = tomllib.loads(shown)["project"]["entry-points"]
    module: dict[str, Any] = {"__name__": "acme_ackord"}
    exec(HOOKS.partition("```python\n")[2].partition("```")[0], module)
    kinds = {signing.ENTRY_POINT_GROUP: signing.Scheme, extractors.ENTRY_POINT_GROUP: extractors.Extractor}
    kinds[statement_parser.ENTRY_POINT_GROUP] = statement_parser.StatementParser
    assert {group: type(module[point["acme"].rpartition(":")[2]]) for group, point in points.items()} == kinds
