"""Find contradictions between fields that are each valid: rules that no answer reaches, facts that no answer gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ...core.money import exponent_of
from ...core.operation import Observation
from ...errors import dotted
from ..base.contract_error import ContractError, DocumentPath
from ..base.json_path import split_path
from ..body import Encoding, encoding_at
from ..body.selectors import ROW
from ..codec.codec import Codec
from ..spec.body_formats import encoding_of
from ..spec.callbacks import Callback
from ..spec.ledger import LedgerSpec
from ..spec.ledger_tables import CommandLedgerSpec
from ..spec.model import Contract, order_operations_of
from ..spec.operations import Extract, OperationSpec
from ..spec.places import RegexSelector, form_of_rows
from ..spec.topology import TopologySpec
from .condition_logic import never_holds, shadows

__all__ = ["lint"]

AnyOperation = OperationSpec | Callback


def lint(codec: Codec) -> Iterator[ContractError]:
    """Return all findings, section by section."""
    contract = codec.contract
    operations = list(_operations(contract))
    for path, operation in operations:
        yield from _rules(path, operation)
    for place in _places(contract, operations):
        yield from _misplaced(place)
        yield from _redacted_yet_read(contract, place)
    yield from _one_answer_two_meanings(contract)
    yield from _provider_id_of_nobody(codec)
    yield from _states_that_nothing_shows(contract, operations)
    yield from _amounts_that_cannot_be_said(contract)
    yield from _currencies_that_nothing_shows(contract, operations)
    yield from _the_real_thing(contract)
    yield from _commands_outside(contract)
    yield from _nodes_of_nobody(contract)


def _operations(contract: Contract) -> Iterator[tuple[DocumentPath, AnyOperation]]:
    for row, section in order_operations_of(contract):
        yield (row.kind.value,), section
    for index, callback in enumerate(contract.callbacks):
        yield ("callbacks", index), callback


def _rules(path: DocumentPath, operation: AnyOperation) -> Iterator[ContractError]:
    """Find rules that no answer meets, or that earlier rules always precede."""
    rules = [rule.when for rule in operation.answers]
    apart = {index for index, rule in enumerate(operation.answers) if rule.format is not None}
    for index, when in enumerate(rules):
        if index in apart:  # it is tried after the others, on the text
            continue
        at = (*path, "answers", index)
        if found := never_holds(when, form=encoding_of(operation.format)):
            place, why = found
            yield ContractError(
                (*at, "when", place), why, "conditions that one answer can meet", "write text in quotes, or remove one"
            )
        elif earlier := [i for i in shadows(rules, index) if i not in apart]:
            names = " and ".join(dotted((*path, "answers", i)) for i in earlier)
            yield ContractError(
                at, f"no answer gets to this rule: {names} before it takes them all",
                "the narrower rule first", "move it up, or remove it",
            )  # fmt: skip


class _SelectorUse(NamedTuple):
    path: DocumentPath
    at: str
    form: Encoding
    has_rows: bool


def _places(contract: Contract, operations: list[tuple[DocumentPath, AnyOperation]]) -> Iterator[_SelectorUse]:
    """Return every place in an answer that the contract names."""
    for path, operation in operations:
        form, has_rows = encoding_of(operation.format), getattr(operation, "rows", None) is not None
        found = _extracted((*path, "extract"), operation.extract)
        for index, rule in enumerate(operation.answers):
            at = (*path, "answers", index)
            found = chain(found, _conditions((*at, "when"), rule.when), _extracted((*at, "extract"), rule.extract))
        for name in ("replay_marker", "nothing_found"):
            found = chain(found, _conditions((*path, name), getattr(operation, name, None)))
        yield from (_SelectorUse(*one, form, has_rows) for one in found)
    if isinstance(contract.ledger, LedgerSpec) and contract.ledger.next is not None:
        form = form_of_rows(contract.ledger.rows)
        yield _SelectorUse(*_place(("ledger", "next"), contract.ledger.next), form, False)
    for index, part in enumerate(contract.prerequisites):
        at = ("prerequisites", index)
        captured = (_place((*at, "capture", name), place) for name, place in part.capture.items())
        for one in chain(_conditions((*at, "succeeded"), part.succeeded), captured):
            yield _SelectorUse(*one, encoding_of(part.format), False)


def _conditions(path: DocumentPath, when: Mapping[str, Any] | None) -> Iterator[tuple[DocumentPath, str]]:
    return (((*path, place), place) for place in when or {} if place != "status")


def _extracted(path: DocumentPath, extract: Extract | None) -> Iterator[tuple[DocumentPath, str]]:
    for name in Extract.model_fields if extract else ():
        place = getattr(extract, name)
        if place is not None:
            yield _place((*path, name), place)


def _place(path: DocumentPath, place: str | RegexSelector) -> tuple[DocumentPath, str]:
    return (path, place) if isinstance(place, str) else ((*path, "from"), place.at)


def _misplaced(place: _SelectorUse) -> Iterator[ContractError]:
    """Find a place that bodies of this format cannot have."""
    path, at, form, has_rows = place
    kind = encoding_at(at)
    if at.startswith(ROW) and not has_rows:
        yield ContractError(
            path, f"{at} is in a row, and there are no rows here", "rows: $.data in query, or a place such as $.a"
        )
    elif kind is not None and kind is not encoding_at(form.place) and at != "$":
        yield ContractError(
            path,
            f"{at} is no place in a body of the format {form.name}",
            f"such as {form.place}",
            "or give another format",
        )
    elif form.flat and kind is not None and not at.startswith(ROW):
        steps = split_path(at)
        if len(steps) > 1 or (steps and isinstance(steps[0], int)):
            yield ContractError(
                path, f"{at} is no place in {form.shown}, whose fields hold text", "such as $.status or $['a[b]']"
            )


def _redacted_yet_read(contract: Contract, place: _SelectorUse) -> Iterator[ContractError]:
    """Find a field that is not to be kept and is needed, because what is kept is read again."""
    steps = {step.casefold() for step in re.findall(r"[^\W\d][\w-]*", place.at)}
    for index, name in enumerate(contract.redact):
        if name.casefold() in steps:
            yield ContractError(
                ("redact", index),
                f"{dotted(place.path)} reads {place.at}, so {name} cannot be left out of the evidence",
                "names of fields that this file does not read",
                "take one of the two out",
            )


def _one_answer_two_meanings(contract: Contract) -> Iterator[ContractError]:
    """Find an answer that would both acknowledge an order and say that there is none."""
    acknowledged = [
        (index, rule.when) for index, rule in enumerate(contract.submit.answers) if rule.observation is Observation.ACK
    ]
    for index, rule in enumerate(contract.query.answers):
        for other, when in acknowledged:
            if rule.observation is Observation.NOT_FOUND and rule.when == when:
                yield ContractError(
                    ("query", "answers", index),
                    f"it reads as NOT_FOUND what submit.answers[{other}] reads as ACK",
                    "conditions that tell the two apart",
                )


def _provider_id_of_nobody(codec: Codec) -> Iterator[ContractError]:
    query, submit = codec.contract.query, codec.contract.submit
    gives = [submit.extract, *(rule.extract for rule in submit.answers)]
    if any(extract is not None and extract.provider_id is not None for extract in gives):
        return
    rows = [at for at, text in query.match.items() if "${provider_id}" in text]
    if codec.asks_by_provider_id or rows:
        path: DocumentPath = ("query", "request") if codec.asks_by_provider_id else ("query", "match", rows[0])
        yield ContractError(
            path,
            "it needs ${provider_id}, which no answer to a submit gives",
            "provider_id under submit.extract",
            "add it, or ask by ${order_no}",
        )


def _states_that_nothing_shows(
    contract: Contract, operations: list[tuple[DocumentPath, AnyOperation]]
) -> Iterator[ContractError]:
    shown = {*contract.states.values(), "UNKNOWN"}
    shown |= {rule.state for _, operation in operations for rule in operation.answers if rule.state is not None}
    named: list[tuple[DocumentPath, str | None]] = []
    for index, edge in enumerate(contract.promises.later_edges):
        at = ("promises", "later_edges", index)
        named += [((*at, "from"), edge.source), ((*at, "to"), edge.target)]
    named += [
        (("sandbox_triggers", name, "leads_to"), lever.leads_to) for name, lever in contract.sandbox_triggers.items()
    ]
    for path, state in named:
        if state is not None and state not in shown:
            yield ContractError(
                path,
                f"no answer ever shows an order that is {state}",
                f"a word under states that means {state}, or a rule with state: {state}",
            )


def _amounts_that_cannot_be_said(contract: Contract) -> Iterator[ContractError]:
    """Find a currency with fewer decimal places than ISO 4217 has, where amounts may use all of them."""
    places = contract.amounts.exponents.get(contract.currency)
    iso = exponent_of(contract.currency)
    if places is not None and places < iso and contract.limits.amount_step_minor % 10 ** (iso - places):
        step = 10 ** (iso - places)
        yield ContractError(
            ("amounts", "exponents", contract.currency),
            f"not every amount can be said with {places} decimal places: ISO 4217 has {iso} for {contract.currency}",
            f"limits.amount_step_minor: {step}, or a multiple of it",
        )


def _currencies_that_nothing_shows(
    contract: Contract, operations: list[tuple[DocumentPath, AnyOperation]]
) -> Iterator[ContractError]:
    """Find amounts of several currencies whose minor units depend on which one it is."""
    if not contract.currencies:
        return
    problem, mend = "which currency an amount in major units is of is not said", "its place, or amounts in minor units"
    for path, operation in operations:
        extracts = [operation.extract, *(r.extract for r in operation.answers if r.extract is not None)]
        places = {name for extract in extracts for name in extract.places()}
        if "amount_major" in places and "currency" not in places:
            yield ContractError((*path, "extract", "amount_major"), problem, "extract.currency", mend)
    ledger = contract.ledger.extract if contract.ledger is not None else None
    if ledger is not None and ledger.amount_major is not None and ledger.currency is None:
        yield ContractError(("ledger", "extract", "amount_major"), problem, "extract.currency", mend)
    if contract.ledger is None and contract.statement is not None and contract.statement.money == "major":
        yield ContractError(("statement", "money"), problem, "money: minor, or one currency")


def _the_real_thing(contract: Contract) -> Iterator[ContractError]:
    if contract.environment == "production" or contract.production is None:
        return
    addresses: list[tuple[DocumentPath, str | None]] = [(("base_url",), contract.base_url)]
    addresses += [(("nodes", name), url) for name, url in contract.nodes.items()]
    addresses += [(("hosts", name), url) for name, url in contract.hosts.items()]
    downloads = contract.statement.download_hosts if contract.statement else []
    addresses += [(("statement", "download_hosts", index), url) for index, url in enumerate(downloads)]
    for path, url in addresses:
        if url is not None and contract.production.is_host(urlsplit(url).hostname or ""):
            yield ContractError(
                path, "this is a host of production, and the environment is sandbox", "the sandbox's address"
            )


def _commands_of(topology: TopologySpec) -> Iterator[tuple[DocumentPath, list[str] | None]]:
    """Yield the commands of a topology, each with its place."""
    for side in ("start", "stop", "failover"):
        if (action := getattr(topology, side)) is not None:
            yield ("topology", side, "command"), action.command
    for name, node in topology.nodes.items():
        yield ("topology", "nodes", name, "run"), node.run
        for side in ("kill", "start", "pause", "resume"):
            if (action := getattr(node, side)) is not None:
                yield ("topology", "nodes", name, side, "command"), action.command
    for name, link in topology.links.items():
        if link.lag is not None:
            yield ("topology", "links", name, "lag", "command"), link.lag.command


def _nodes_of_nobody(contract: Contract) -> Iterator[ContractError]:
    """Find nodes of the topology that the provider has no address for, and a provider without any address.

    What serves one of the ``hosts`` is started like a node.
    """
    if contract.topology is None:
        return
    if contract.address is None:
        yield ContractError(
            ("topology",), "the provider has no address to be reached at", "base_url, or nodes with their addresses"
        )
    known = list(contract.nodes)
    for place, name in enumerate(contract.topology.nodes):
        if name in contract.hosts:
            continue
        if name not in known if known else place > 0:
            yield ContractError(
                ("topology", "nodes", name),
                f'there is no node "{name}" under nodes' if known else "a base_url alone is one node",
                f"one of {', '.join(known)}" if known else "nodes, with the address of each",
            )


def _commands_outside(contract: Contract) -> Iterator[ContractError]:
    """Find commands outside the contract's folder: a program beside the contract belongs to it; one by name or absolute
    path belongs to the machine.
    """
    commands: list[tuple[DocumentPath, list[str] | None]] = [
        (("hooks", name, side, "command"), getattr(hook, side).command)
        for name, hook in contract.hooks.items()
        for side in ("do", "undo")
    ]
    if isinstance(contract.ledger, CommandLedgerSpec):
        commands.append((("ledger", "command"), contract.ledger.command))
    if contract.topology is not None:
        commands += _commands_of(contract.topology)
    for path, command in commands:
        if command and ".." in PurePosixPath(command[0]).parts:
            yield ContractError(
                path,
                f"{command[0]} leaves the contract's folder",
                "a program in it, one by its name, or a whole path",
            )
