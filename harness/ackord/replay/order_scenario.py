"""Define the scenario file (YAML): what one order went through, without its number and without a seed.

::

    version: 1
    contract: reference
    guarantee: acknowledged-order-visible
    amount_minor: 1999
    faults:
    - {fault: replication-latency, ms: 200}
    steps:
    - {do: arm, fault: replication-latency}
    - {do: submit}
    - {do: query, held: until-acknowledged}
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, Strict, model_validator

from ..chaos.faults import Fault, load_faults
from ..chaos.faults.edge import EdgeFault
from ..chaos.profile import AnyFault
from ..contract.base.field_types import Count, Flag, Name, StrictModel, field_problem
from ..contract.loading.loader import contract_names
from ..contract.loading.yaml_document import read_yaml, validate_document
from ..errors import did_you_mean
from ..guarantees import GUARANTEES, load_guarantee_plugins
from ..report.files import write_file

__all__ = [
    "OrderScenario",
    "ScenarioStep",
    "contract_seen_from",
    "fault_data",
    "read_scenario",
    "scenario_text",
    "write_scenario",
]

_LONGEST_WAIT_MS = 600_000
_HEADER = "# One order as a scenario: ackord replay plays it again (docs/REPLAY.md).\n"


class ScenarioStep(StrictModel):
    """An operation on the order, or a fault that is put in force or taken back."""

    do: Literal["submit", "query", "arm", "heal"] = Field(
        description="What is done; a submit after the first sends the same order number again."
    )
    wait_ms: Annotated[float, Strict(), Field(ge=0, le=_LONGEST_WAIT_MS, allow_inf_nan=False)] = Field(
        default=0,
        description="How long to wait before it, in milliseconds: after all earlier operations have ended, or, with "
        "`overlaps`, after the step before it began.",
    )
    overlaps: Flag = Field(default=False, description="Whether it begins while earlier operations may still be open.")
    held: Literal["", "until-acknowledged", "until-all-sent"] = Field(
        default="",
        description="What the gateway holds the request for. `until-acknowledged`, of a query: it is sent together "
        "with the submit before it, and let go the instant that submit's acknowledgement is complete. "
        "`until-all-sent`, of submits that follow one another: they are let go together.",
    )
    account: Literal["owner", "other"] = Field(
        default="owner", description="In whose name: the contract's first account, or its second one."
    )
    amount_minor: Count | None = Field(
        default=None, description="The amount of a submit, where it is not the order's: an altered payload."
    )
    payee: str = Field(default="", description="The payee of a submit, where it is not the order's.")
    currency: str = Field(default="", description="The currency of a submit, where it is not the contract's.")
    variation: str = Field(
        default="",
        description="How a submit's request differs from the usual one: `field-order`, `white-space`, `escapes`, "
        "`number-form`, `key-missing`, `key-empty`, `key-folded`, or `trigger:NAME`.",
    )
    node: str = Field(default="", description="The provider's node that it goes to; left out: the gateway's default.")
    faults: list[AnyFault] = Field(
        default=[], description="Faults of the edge that hit this operation and no other, each with its parameters."
    )
    fault: str = Field(default="", description="Of arm and heal: the fault, one of the scenario's `faults`.")

    @property
    def operates(self) -> bool:
        """Whether it is an operation, rather than the switch of a fault."""
        return self.do in ("submit", "query")

    @property
    def writes(self) -> bool:
        return self.do == "submit"

    @model_validator(mode="after")
    def _fits_what_is_done(self) -> Self:
        if not self.operates:
            foreign = self.model_fields_set - {"do", "fault", "wait_ms", "overlaps"}
            if foreign:
                raise field_problem(min(foreign), f"{self.do} is about a fault", expected="fault, wait_ms, overlaps")
            if not self.fault:
                raise field_problem("fault", f"{self.do} names no fault", expected="one of the scenario's faults")
            return self
        if self.fault:
            raise field_problem("fault", f"{self.do} switches no fault", expected="faults: [...], or do: arm")
        if self.held and self.writes == (self.held == "until-acknowledged"):
            raise field_problem("held", f"a {self.do} is not held {self.held}", expected=_HELD[self.do])
        if not self.writes and (self.amount_minor is not None or self.payee or self.currency or self.variation):
            raise field_problem("do", "a query carries no payload", expected="submit")
        for fault in self.faults:
            if not isinstance(fault, EdgeFault):
                problem = f"{fault.fault} hits no single operation: its seam is {fault.seam}"
                raise field_problem(
                    "faults", problem, expected="a fault of the edge; others go under the file's faults"
                )
            if fault.queries_only and self.writes:
                raise field_problem("faults", f"{fault.fault} hits queries alone")
        return self


_HELD = {"query": "until-acknowledged", "submit": "until-all-sent"}


class OrderScenario(StrictModel):
    """What one order went through, and the guarantee that it broke."""

    version: Literal[1] = Field(description="The version of this format.")
    contract: str = Field(min_length=1, description="A contract by name, or by its path from this file's folder.")
    target: str = Field(default="", description="What was judged, as `--target` has it; left out: the contract's.")
    flaw: str = Field(default="", description="The flaw of the reference provider, as `--flaw` has it.")
    guarantee: Name = Field(description="The guarantee that the order broke.")
    amount_minor: Count = Field(description="The order's amount in minor units.")
    payee: str = Field(default="", description="The order's payee; left out: any.")
    connections: Literal["kept", "new"] = Field(
        default="kept", description="Whether the merchant keeps its connections, or makes a new one for every call."
    )
    faults: list[AnyFault] = Field(
        default=[], description="Faults that a step puts in force (`do: arm`), each with its parameters."
    )
    steps: list[ScenarioStep] = Field(description="What happens, in order.")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if not any(step.operates for step in self.steps):
            raise field_problem("steps", "no step is an operation, so nothing would be done", expected="do: submit")
        for fault in (*self.faults, *(fault for step in self.steps for fault in step.faults)):
            if fault.subject == "integration":
                raise field_problem("faults", f"{fault.fault} makes up answers: no provider can be judged by it")
        known = {fault.fault for fault in self.faults}
        for step in self.steps:
            if step.fault and step.fault not in known:
                raise field_problem(
                    "steps", f'no fault of this scenario is called "{step.fault}".{did_you_mean(step.fault, known)}'
                )
        return self

    @property
    def operations(self) -> int:
        return sum(step.operates for step in self.steps)

    @property
    def fault_count(self) -> int:
        """Faults that are put in force, and those on single operations."""
        return len(self.faults) + sum(len(step.faults) for step in self.steps)

    @property
    def payloads(self) -> int:
        """How many different payloads it submits, each of which may count as an order; at least one."""
        sent = {(s.account, s.amount_minor, s.payee, s.currency) for s in self.steps if s.writes}
        return max(1, len(sent))

    @property
    def waits_ms(self) -> float:
        return sum(step.wait_ms for step in self.steps)

    @property
    def size(self) -> str:
        """``9 operations, 1 fault, 310 ms of waits``."""
        told = [
            _counted(self.operations, "operation"),
            _counted(self.fault_count, "fault"),
            f"{self.waits_ms:,.0f} ms of waits",
        ]
        return ", ".join(told)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def read_scenario(path: Path) -> OrderScenario:
    """Read a scenario; its contract becomes a name or an absolute path. Raises ``FileError``."""
    load_faults()
    load_guarantee_plugins()
    document = read_yaml(path, env={})
    scenario = validate_document(document, OrderScenario)
    if scenario.guarantee not in GUARANTEES:
        problem = f'no guarantee of a provider is called "{scenario.guarantee}".'
        problem += did_you_mean(scenario.guarantee, GUARANTEES.names())
        raise document.error(("guarantee",), problem)
    if not _is_name(scenario.contract):
        return scenario.model_copy(update={"contract": str((path.parent / scenario.contract).resolve())})
    return scenario


def _is_name(contract: str) -> bool:
    return contract in contract_names("contracts")


def contract_seen_from(folder: Path, contract: str) -> str:
    """Return a contract's name, or its path from ``folder``."""
    return contract if _is_name(contract) else os.path.relpath(Path(contract).resolve(), folder.resolve())


def scenario_text(scenario: OrderScenario, folder: Path) -> str:
    """Return the text of the file in ``folder``: one line a fault and a step."""
    data = scenario.model_dump(mode="json", exclude={"faults", "steps"}, exclude_defaults=True)
    data["contract"] = contract_seen_from(folder, scenario.contract)
    blocks = {"faults": list(map(fault_data, scenario.faults)), "steps": list(map(_step_data, scenario.steps))}
    text = _HEADER + _yaml(data, flow=False)
    for name, entries in blocks.items():
        if entries:
            text += f"{name}:\n" + "".join(f"- {_yaml(entry, flow=True)}" for entry in entries)
    return text


def fault_data(fault: Fault) -> dict[str, Any]:
    """Return a fault as files have it, without defaults."""
    return {"fault": fault.fault, **fault.model_dump(mode="json", exclude={"fault"}, exclude_defaults=True)}


def _step_data(step: ScenarioStep) -> dict[str, Any]:
    data = step.model_dump(mode="json", exclude={"faults"}, exclude_defaults=True)
    return data | ({"faults": list(map(fault_data, step.faults))} if step.faults else {})


def _yaml(data: Any, *, flow: bool) -> str:
    return yaml.safe_dump(data, sort_keys=False, default_flow_style=flow, width=10_000, allow_unicode=True)


def write_scenario(scenario: OrderScenario, path: Path) -> None:
    """Write the file. Raises ``FileError``, or ``EnvironmentFailed`` on a full disk."""
    write_file(path, scenario_text(scenario, path.parent).encode())
