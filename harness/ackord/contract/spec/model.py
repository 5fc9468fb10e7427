"""Define a provider's contract: what its API looks like, and what it promises.

The field reference (contracts/README.md) and the JSON Schema for editors are generated from the fields' descriptions.
Whatever has several kinds is a mapping with one key that names the kind, so a new kind is a new key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from ...core.operation import OPERATION_FACTS, Observation, OperationKind
from ...core.promises import OtherPayloadAnswer, Promises, SamePayloadAnswer
from ..base.field_types import FileName, JsonPath, Name, StrictModel, field_problem
from ..base.variables import (
    LEDGER_VARIABLES,
    ORDER_VARIABLES,
    REFUND_VARIABLES,
    STATEMENT_VARIABLES,
    SUBMIT_VARIABLES,
)
from .accounts import Account, Url
from .amounts import AmountsSpec, CurrencyCode
from .body_formats import Charset
from .callbacks import Callback
from .drill import DrillSpec
from .hooks import Hook
from .ledger import LedgerSpec
from .ledger_tables import AnyLedgerSpec
from .limits import Limits
from .metadata import Batch, FactSource, Timing
from .operations import CancelSpec, KnownState, OperationSpec, PrerequisiteSpec, QuerySpec, RefundSpec, SubmitSpec
from .order_numbers import OrderNumberSpec
from .production import ProductionSpec
from .promises import PromisesSpec
from .requests import RequestSpec
from .sandbox import SandboxClock, SandboxTrigger, trigger_promises
from .statement import StatementSpec
from .topology import TopologySpec

__all__ = ["OPERATIONS", "Contract", "OperationRow", "operations_of", "order_operations_of"]

IDENTITY = Literal["order_no", "amount", "currency", "payee", "account", "time", "body"]


def _whole(value: Any) -> Any:
    """Python takes ``true`` and ``1.0`` for 1."""
    return value if type(value) in (int, str) else repr(value)


Version = Annotated[Literal[1], BeforeValidator(_whole)]


class Contract(StrictModel):
    """A provider's contract."""

    renamed: ClassVar[Mapping[str, str]] = {
        "planes": "hosts",
        "levers": "sandbox_triggers",
        "unknown": "undocumented",
        "volatile": "ignored_fields",
    }

    provider: Name = Field(description="The provider's name: lower-case letters, digits and hyphens.")
    about: str = Field(default="", description="The API in a sentence, with its version.")
    version: Version = Field(description="The version of this file's form: 1.")
    environment: Literal["sandbox", "production"] = Field(
        description="What stands behind the address. `production` is refused unless `--production` names the provider."
    )
    base_url: Url | None = Field(
        default=None, description="The provider's address; left out: the run's target gives it."
    )
    nodes: dict[Name, Url] = Field(
        default={},
        description="Several addresses of the same provider, for profiles that submit to one and query another; left "
        "out: the base address is the only one.",
    )
    hosts: dict[Name, Url] = Field(
        default={}, description="Further hosts that single requests go to (`host`), such as one for queries."
    )
    topology: TopologySpec | None = Field(default=None, description="What it is made of, and how that is disturbed.")
    production: ProductionSpec | None = Field(
        default=None, description="How the real thing looks, so that it can be recognised and refused."
    )
    openapi: FileName | None = Field(
        default=None,
        description="The provider's OpenAPI document, a file in this one's folder: every run holds the answers to it, "
        "as with `--openapi`, which comes first.",
    )
    currency: CurrencyCode = Field(
        default="EUR", description="The currency of the orders that a run submits: an ISO 4217 code."
    )
    currencies: list[CurrencyCode] = Field(
        default=[],
        description="Several currencies that orders take in turn, `currency` among them. Amounts in major units are "
        "then of the currency that stands beside them (`extract.currency`).",
    )
    amounts: AmountsSpec = Field(
        default=AmountsSpec(), description="How the provider writes amounts, where that is not the usual way."
    )
    charset: Charset = Field(
        default="",
        description="What bodies of answers and callbacks are encoded in, where neither a header nor the body says it: "
        "`gbk`, `latin-1`. Left out: UTF-8. A byte order mark is taken off.",
    )
    order_no: OrderNumberSpec = Field(
        default=OrderNumberSpec(), description="What the merchant's order numbers look like."
    )
    accounts: dict[Name, Account] = Field(
        min_length=1,
        description="The merchant's accounts. The first is the owner; a second one is needed to judge "
        "`key-scope-respected`.",
    )
    prerequisites: list[PrerequisiteSpec] = Field(
        default=[], description="Calls that must come before a submit, in this order."
    )
    identity: list[IDENTITY] = Field(
        default=["order_no"],
        min_length=1,
        description="What together says that two requests mean the same order. More than the number: another amount "
        "under the same number is another order.",
    )
    submit: SubmitSpec = Field(description="Submitting an order.")
    query: QuerySpec = Field(description="Asking for an order's status.")
    cancel: CancelSpec | None = Field(default=None, description="Taking an order back.")
    refund: RefundSpec | None = Field(default=None, description="Giving money of a paid order back.")
    callbacks: list[Callback] = Field(default=[], description="What the provider calls when something happens.")
    ledger: AnyLedgerSpec | None = Field(
        default=None,
        description="Where movements of money are read: pages of the API (`request`), a query (`sql`) or a program "
        "(`command`). Left out, they are read from the `statement`; without either, nobody judges money.",
    )
    states: dict[str, KnownState] = Field(
        min_length=1,
        description="The provider's status words and what they mean. A word that is not here is UNKNOWN, never FAILED.",
    )
    promises: PromisesSpec = Field(default=PromisesSpec(), description="What the provider promises.")
    timing: Timing = Field(default=Timing(), description="The time of every hop, as it is promised.")
    batch: Batch | None = Field(default=None, description="Requests that may carry several orders.")
    statement: StatementSpec | None = Field(default=None, description="The bill.")
    sandbox_triggers: dict[Name, SandboxTrigger] = Field(
        default={}, description="Values that make the sandbox do something."
    )
    sandbox_clock: SandboxClock | None = Field(default=None, description="How the sandbox's clock is moved on.")
    sources: dict[Name, FactSource] = Field(
        default={}, description="Where the facts of this file were read, by a name."
    )
    facts: dict[str, str] = Field(
        default={},
        description="Which source says what: places in this file (`promises.key_retention`, `submit`) and a name from "
        "`sources`. It covers all that is below.",
    )
    undocumented: list[str] = Field(
        default=[],
        description="Places in this file that the documentation leaves open. What is below is a guess to work with; "
        "nobody is VIOLATED by it, at most UNSAFE.",
    )
    ignored_fields: list[JsonPath] = Field(
        default=[],
        description="Places in the submitted body that may differ between attempts and are not part of the payload's "
        "identity.",
    )
    redact: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default=[], description="Names of fields in answers, none that this file reads, whose values no evidence keeps."
    )
    limits: Limits = Field(default=Limits(), description="Budgets of every run.")
    drill: DrillSpec | None = Field(default=None, description="How `ackord drill` understands a merchant's requests.")
    hooks: dict[Name, Hook] = Field(
        default={},
        description="Disturbances of the provider's surroundings that a chaos profile may name (fault `hook`).",
    )

    @field_validator("*")
    @classmethod
    def _readable_as_allowed(cls, section: Any, info: ValidationInfo) -> Any:
        """A rule reads no answer as what its operation can never say."""
        if isinstance(section, OperationSpec):
            allowed = OPERATION_FACTS[OperationKind(str(info.field_name))].observations
            for rule in section.answers:
                if rule.observation not in allowed:
                    raise field_problem(
                        "answers",
                        f"{rule.observation} is nothing that such an answer can say",
                        expected=f"one of {', '.join(o for o in Observation if o in allowed)}",
                    )
        return section

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.ledger and self.ledger.account is not None and self.ledger.account not in self.accounts:
            problem = f'the account "{self.ledger.account}" is not one of the accounts'
            raise field_problem("ledger", problem, expected=f"one of {', '.join(self.accounts)}")
        if self.promises.on_same_payload is SamePayloadAnswer.REJECT_WITH_POINTER and not any(
            rule.observation is Observation.DUPLICATE for rule in self.submit.answers
        ):
            problem = "on_same_payload is reject_with_pointer, but no answer to submit is read as DUPLICATE"
            raise field_problem("promises", problem)
        if (called := self.promises.of_callbacks) and not any(callback.announces for callback in self.callbacks):
            problem = f"{called[0]} is promised, and no callback comes by itself"
            raise field_problem("promises", problem, expected="callbacks")
        if self.currencies and (self.currency not in self.currencies or len(set(self.currencies)) < 2):
            problem, expected = "orders take several currencies in turn", f"{self.currency} and another one"
            raise field_problem("currencies", problem, expected=expected)
        self._identity_fits()
        self._refund_fits()
        self._hosts_exist()
        deferred = any(rule.observation is Observation.DEFERRED for rule in self.query.answers)
        if deferred != any(callback.ends_query for callback in self.callbacks):
            raise field_problem(
                "query" if deferred else "callbacks",
                "a query that is DEFERRED and a callback that ends it go together",
                expected="both: observation: DEFERRED in query.answers, and ends_query: true in a callback",
            )
        return self

    def _identity_fits(self) -> None:
        if "order_no" not in self.identity:
            raise field_problem("identity", "the order number is not part of it", expected="order_no among others")
        told_apart = bool({"amount", "currency", "payee", "body"}.intersection(self.identity))
        if told_apart != (self.promises.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT):
            raise field_problem(
                "identity",
                "it contradicts promises.on_other_payload: another payload is another order if, and only if, the "
                "payload is part of the identity",
                expected="on_other_payload: new_movement with a payload in the identity, or neither",
            )

    def _refund_fits(self) -> None:
        again = self.promises.on_same_refund
        if self.refund is None:
            if "on_same_refund" in self.promises.model_fields_set:
                raise field_problem("promises", "on_same_refund is promised, and there is no refund", expected="refund")
        elif self.refund.numbered == (again is SamePayloadAnswer.NEW_MOVEMENT):
            raise field_problem(
                "refund",
                "it contradicts promises.on_same_refund: without a number of its own, and only then, a refund that is "
                "sent again is another one",
                expected="${refund_no} in the request, or on_same_refund: new_movement",
            )

    def _requests(self) -> Iterator[tuple[str, RequestSpec]]:
        """Yield all requests, each with the section that it stands in."""
        yield from ((row.kind.value, section.request) for row, section in operations_of(self))
        yield from (("prerequisites", p.request) for p in self.prerequisites)

    def sections_of_hosts(self) -> dict[str, list[str]]:
        """Return the sections whose requests name each of the ``hosts``; empty for a host that no request names."""
        named: dict[str, list[str]] = {host: [] for host in self.hosts}
        for field, request in self._requests():
            if request.host is not None and field not in named[request.host]:
                named[request.host].append(field)
        return named

    def _hosts_exist(self) -> None:
        for field, request in self._requests():
            if request.host is not None and request.host not in self.hosts:
                raise field_problem(
                    field,
                    f'there is no host "{request.host}"',
                    expected=f"one of {', '.join(self.hosts) or 'those under hosts (there are none)'}",
                )

    @property
    def address(self) -> str | None:
        """The provider's address, or that of its first node; ``None``: the run's target gives it."""
        return self.base_url or next(iter(self.nodes.values()), None)

    def has_topology_at(self, target: str) -> bool:
        """Whether ``target`` is an address of the provider whose topology is described."""
        return self.topology is not None and target in (self.base_url, *self.nodes.values())

    @property
    def order_currencies(self) -> tuple[str, ...]:
        """The currencies that orders take in turn."""
        return tuple(self.currencies) or (self.currency,)

    @property
    def owner(self) -> str:
        """The account that pays."""
        return next(iter(self.accounts))

    @property
    def other_account(self) -> str | None:
        """A second merchant account, for what must not be shared between accounts; ``None`` if there is none."""
        operator = self.ledger.account if isinstance(self.ledger, LedgerSpec) else None
        return next((name for name in self.accounts if name not in (self.owner, operator)), None)

    def to_promises(self) -> Promises:
        """The promises as the judge needs them."""
        open_names = {".".join(p.partition("[")[0].split(".")[:2]) for p in self.undocumented}
        money = self.ledger or self.statement
        unknown = frozenset(n for n in PromisesSpec.model_fields if {"promises", f"promises.{n}"} & open_names)
        return self.promises.to_core(
            cancels=self.cancel is not None,
            refunds=self.refund is not None,
            refund_kind="" if money is None or self.refund is None else money.refund_kind,
            has_ledger=money is not None,
            ledger_shows_returns=money is None or money.shows_returns,
            asks_by_number=not self.query.speaks_of("provider_id"),
            several_accounts=self.other_account is not None,
            triggers=trigger_promises(self.sandbox_triggers),
            statement=None if self.statement is None else self.statement.to_core(beside_ledger=self.ledger is not None),
            unknown=unknown,
        )


class OperationRow(NamedTuple):
    """One operation that a contract can describe, in the section that has the operation's name."""

    kind: OperationKind
    variables: frozenset[str]
    """Names of the template variables that the request may use, besides what prerequisites captured."""

    def section(self, contract: Contract) -> OperationSpec | LedgerSpec | StatementSpec | None:
        """Return the operation's section; ``None`` where the provider's API does not offer the operation."""
        section = getattr(contract, self.kind)
        return section if isinstance(section, (OperationSpec, LedgerSpec, StatementSpec)) else None


# A new operation is a kind with its facts in core/operation.py, a field of Contract, and a row here.
OPERATIONS = (
    OperationRow(OperationKind.SUBMIT, SUBMIT_VARIABLES),
    OperationRow(OperationKind.QUERY, ORDER_VARIABLES),
    OperationRow(OperationKind.CANCEL, ORDER_VARIABLES),
    OperationRow(OperationKind.REFUND, REFUND_VARIABLES),
    OperationRow(OperationKind.LEDGER, LEDGER_VARIABLES),
    OperationRow(OperationKind.STATEMENT, STATEMENT_VARIABLES),
)
"""Every operation that a contract can describe; a resubmission is the same request as a submit."""


def operations_of(contract: Contract) -> Iterator[tuple[OperationRow, OperationSpec | LedgerSpec | StatementSpec]]:
    """Yield the operations that a contract offers, with their sections."""
    for row in OPERATIONS:
        if (section := row.section(contract)) is not None:
            yield row, section


def order_operations_of(contract: Contract) -> Iterator[tuple[OperationRow, OperationSpec]]:
    """Yield the operations about one order that a contract offers, with their sections."""
    for row, section in operations_of(contract):
        if isinstance(section, OperationSpec):
            yield row, section
