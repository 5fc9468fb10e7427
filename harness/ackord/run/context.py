"""Assemble one run's recorder, journal, clients, order book and faults for a contract, a profile and an environment."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from .. import __version__
from ..chaos.faults import Seam
from ..chaos.faults.callback_before_acknowledgement import CallbackBeforeAcknowledgement
from ..chaos.profile import Profile
from ..client.movement_source import MovementSource
from ..client.pacing import PacedTransport
from ..client.provider_client import ClientState, ProviderClient
from ..client.transport import LeanTransport, NoResponse, Transport
from ..client.transport_httpx import HttpxTransport
from ..contract.base.http_messages import HttpRequest
from ..contract.codec.callback_reader import ReceivedCallback
from ..contract.codec.response_readers import headers_read
from ..contract.spec.sandbox import without_triggers
from ..core.clock import SECOND, RealClock
from ..core.event import ReplicationSample
from ..core.history import RunHeader
from ..core.operation import Vantage
from ..core.payment_state import TERMINAL
from ..core.promises import OtherPayloadAnswer, Promises
from ..core.seed import Seed
from ..record.journal import JournalWriter
from ..record.recorder import Recorder
from ..workload.openapi_check import requests_of
from ..workload.order_allowance import OrderAllowance
from ..workload.order_factory import OrderFactory
from .callback_taking import CallbackTaking
from .environments.base import EDGE, Environment, Observer
from .environments.callback_gate import CallbackGate
from .environments.money_source import money_source
from .evidence import contract_digest, keep_contract, why_not_kept
from .fault_controller import FaultController
from .ledger_reading import LedgerReading
from .options.plan import RunPlan
from .order_plan import OrderPlan, plan_orders

__all__ = ["RunContext"]

PATIENCE_NS = 2 * SECOND
"""How long an answer is waited for at most of a provider that was started for the run."""


class RunContext:
    """Everything of one run, as an asynchronous context manager.

    On a normal exit the journal gets its footer; on an exception, the journal says that the run was cut off. Every
    fault is taken back in both cases.
    """

    def __init__(
        self,
        plan: RunPlan,
        profile: Profile,
        environment: Environment,
        clock: RealClock,
        *,
        allowance: OrderAllowance | None = None,
        name: str = "",
        journal: Path | None = None,
        observes: bool = True,
    ) -> None:
        """``allowance``: how many orders may be submitted, by default the whole run's. ``name`` keeps runs apart at one
        provider. ``journal``: its file, by default the profile's. ``observes``: whether what passes is recorded.

        Raises ``FileError`` when the journal cannot be written.
        """
        self.plan = plan
        self.environment = environment
        self._observing, self._observes = ExitStack(), observes
        self.clock, self.began_s = clock, clock.unix_s()
        contract, codec = plan.contract.contract, plan.contract.codec
        self.seed = Seed(plan.seed).derive(profile.name)
        profile = profile.drawn(self.seed)
        self.promises = codec.promises
        self.faults = profile.faults
        # A provider that was started for the run has the whole number in every profile.
        self.allowance = allowance or environment.order_allowance or OrderAllowance(contract.limits.orders)
        self.order_plan = plan_orders(profile, plan.budget, self.allowance.left)
        self.header = _header(plan, profile, self.promises, clock, environment, self.order_plan)
        self.journal = JournalWriter(journal or plan.out / profile.name / "journal.jsonl", self.header)
        keep_contract(plan.contract, plan.out)
        self._learnt = client_state = ClientState()
        self.recorder = Recorder(
            self.header,
            codec.read,
            self.journal,
            provider_id_of=lambda account, order_no: client_state.provider_ids.get((account, order_no)),
            announced=any(callback.ends_query and callback.announces for callback in contract.callbacks),
            answer_headers=headers_read(contract), redact=contract.redact,
        )  # fmt: skip
        self.book = self._order_factory(profile, name)
        self._lean, self._httpx = self._transports(profile)
        self._stood_before: frozenset[str] | None = None
        """Numbers in the ledger before the run; ``None``: not known, or others may add more."""
        self.client = self._client(self._lean, self.recorder)
        """For storms."""
        self.careful_client = self._client(self._httpx, self.recorder)
        """For the machine and for tests, where an operation more or less in a second does not matter."""
        self._callback_gate = CallbackGate(Seed(plan.seed).derive("callbacks"), clock, self.recorder.add)
        self.callbacks = CallbackTaking(
            codec.callbacks, client_state.numbers, self.recorder, clock, self._callback_gate,
            catch_up=lambda: environment.chaos.flush(EDGE), came=self.reached_by if self.holds_for_callbacks else None,
        )  # fmt: skip
        self.fault_controller = FaultController(
            environment, self.recorder, clock, seed=plan.seed, inject=plan.options.inject
        )

    def _client(self, transport: Transport, recorder: Recorder) -> ProviderClient:
        environment, limits = self.environment, self.plan.contract.contract.limits
        # A late response of the reference provider is lost, so the contract's longer timeout is not needed.
        timeout_ns = min(limits.timeout.ns, PATIENCE_NS) if environment.fresh else limits.timeout.ns
        return ProviderClient(
            self.plan.contract.codec, transport, recorder, self.clock, timeout_ns, client_state=self._learnt,
            unix_s=self.clock.unix_s, callback_url=environment.callback_url,
            callback_timeout_ns=limits.callback_timeout.ns, admits=self.book.admits,
        )  # fmt: skip

    def _order_factory(self, profile: Profile, name: str) -> OrderFactory:
        contract, clock = self.plan.contract.contract, self.clock
        run_token = _run_token(self.seed, name) if self.environment.fresh else f"{clock.now_ns():x}"
        return OrderFactory(
            self.seed,
            f"{run_token[-10:]}-",
            form=contract.order_no.number_form(),
            account=contract.owner,
            other_account=contract.other_account or "",
            currencies=contract.order_currencies,
            amounts=without_triggers(contract.limits.amounts(), contract.sandbox_triggers),
            allowance=self.allowance,
            other_payload_pays=contract.promises.on_other_payload is OtherPayloadAnswer.NEW_MOVEMENT,
            policy=profile.nodes,
            nodes=self.environment.nodes,
            salt=f"{clock.now_ns():x}",
            created_s=clock.unix_s(),
            refunds_parts=contract.refund is not None and contract.refund.partial,
        )

    def _transports(self, profile: Profile) -> tuple[Transport, Transport]:
        environment = self.environment
        url = environment.wire_url() if Seam.WIRE in profile.needs() else environment.edge_url
        keep, host = profile.connections == "kept", environment.host
        most = self.plan.contract.contract.limits.answer_bytes
        lean = LeanTransport(url, answer_bytes=most, keep=keep, host=host)
        return self._paced(lean), self._paced(HttpxTransport(url, answer_bytes=most, keep=keep, host=host))

    def _paced(self, transport: Transport) -> Transport:
        pace = self.environment.pace
        return transport if pace is None else PacedTransport(transport, pace)

    async def __aenter__(self) -> RunContext:
        if self._observes:
            self._observing.enter_context(self.environment.observed_by(Observer(self._on_event, self.callbacks.answer)))
        await self._note_the_ledger()
        self.environment.callback_gate = self._callback_gate
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.fault_controller.heal_all()
        except Exception:
            # What went wrong first is what the user must hear; the processes end with the run in any case.
            if error is None:
                self.journal.abandon()
                raise
        finally:
            # Also a run that never read the ledger has orders in it, as a test of a user's own that does not settle.
            self.environment.numbers.update(payment.order_no for payment in self.book.payments)
            self._observing.close()
            await self._lean.close()
            await self._httpx.close()
        if error is None:
            self.journal.close()
        else:
            self.journal.abandon()

    async def drain(self) -> None:
        """Wait until everything that reached the provider so far has been recorded."""
        await asyncio.to_thread(self.environment.chaos.drain, EDGE)

    async def sample(self, every_ms: int) -> None:
        """Record the replication's positions ``every_ms`` (0: no more), if there is a replication."""
        if "replication" in self.environment.seams:
            await asyncio.to_thread(self.environment.reference, "sample", every_ms=every_ms)

    async def read_ledger(self) -> None:
        """Record the movements of this run's orders, or why they cannot be read: money is then INCONCLUSIVE."""
        if self.promises.has_ledger:
            numbers = self.environment.numbers
            numbers.update(payment.order_no for payment in self.book.payments)
            source = self._money(self.client)
            try:
                await LedgerReading(
                    source, self.recorder, self.book, self.clock, self.stranger, numbers.__contains__
                ).read()
            finally:
                await source.close()

    def _money(self, client: ProviderClient) -> MovementSource:
        """Return where the contract says that movements are read."""
        return money_source(self.plan, self.environment, client, from_s=self.began_s, paced=self._paced)

    async def _note_the_ledger(self) -> None:
        """Note the numbers that stand in the ledger before the run, if nobody but the run can add others.

        Tests of a user's own may be played by several workers, which do not know of each other's orders.
        """
        ledger = self.plan.contract.contract.ledger
        if ledger is None or ledger.shared or self.environment.fresh or self.plan.own_clients:
            return
        found: set[str] = set()

        def note(number: str) -> bool:
            found.add(number)
            return False

        recorder = Recorder(self.header, self.plan.contract.codec.read)  # the run's own records what is read at its end
        source = self._money(self._client(self._lean, recorder))
        try:
            await source.read(note)
        except NoResponse:
            return  # the run's reading tells why
        finally:
            await source.close()
        self._stood_before = frozenset(found)

    def stranger(self, number: str) -> bool:
        """Whether a number is of nobody, because nobody but this session's runs submits to the provider."""
        environment, before = self.environment, self._stood_before
        if not number or number in environment.numbers or self.plan.contract.contract.submit.speaks_of("order_no.uuid"):
            return False
        return environment.fresh or (before is not None and number not in before)

    async def probe(self) -> str:
        """Ask the provider for anything past the gateway. Return why there was no answer; empty if there was one."""
        direct = HttpxTransport(
            self.environment.direct_url,
            answer_bytes=self.plan.contract.contract.limits.answer_bytes,
            ca=self.plan.options.ca,
            certificate=self.environment.certificate,
        )
        try:
            await direct.send(HttpRequest("GET", "/", (), b""), timeout_ns=self.client.timeout_ns)
        except NoResponse as why:
            return str(why)
        finally:
            await direct.close()
        return ""

    @property
    def holds_for_callbacks(self) -> bool:
        """Return whether the gateway must be told which callbacks have reached the merchant."""
        return any(isinstance(fault, CallbackBeforeAcknowledgement) for fault in self.faults)

    def reached_by(self, called: ReceivedCallback) -> None:
        """Tell the gateway that a callback has reached the merchant. Blocks its thread."""
        for event in (called, *called.further):
            if event.order_no:
                ordinal = self._learnt.ordinals.get(event.order_no, 0)
                self.environment.chaos.called_back(
                    EDGE, event.order_no, ordinal=ordinal, end=event.reading.state in TERMINAL
                )

    def _on_event(self, event: dict[str, Any]) -> None:
        if event["event"] == "replication":
            lag_ns, replica = event.get("probe_lag_ns"), event.get("replica", "")
            self.recorder.add(
                ReplicationSample(event["at_ns"], event["primary_lsn"], event["standby_lsn"], lag_ns, replica)
            )
        else:
            self.recorder.chaos_event(event)


def _run_token(seed: Seed, name: str) -> str:
    """Return what begins the order numbers of a run of a fresh provider."""
    bits = seed.bits("run", name) if name else seed.bits("run")
    return f"{bits % 36**5:05x}"


def _header(
    plan: RunPlan,
    profile: Profile,
    promises: Promises,
    clock: RealClock,
    environment: Environment,
    order_plan: OrderPlan,
) -> RunHeader:
    contract = plan.contract.contract
    return RunHeader(
        contract=contract.provider,
        profile=profile.name,
        subject=plan.subject,
        vantage=Vantage.PROVIDER if plan.drill is None else Vantage.MERCHANT,
        seed=plan.seed,
        promises=promises,
        exposes=tuple(profile.exposes),
        requires=profile.requires(),
        exposure_window_ns=profile.exposure_window_ns(),
        started=clock.wall_iso(),
        command=plan.command(profile=profile.name),
        options={
            "flaw": plan.flaw,
            "budget": plan.budget.name,
            "target": plan.target,
            "inject": plan.options.inject,
            "currency": "" if contract.currencies else contract.currency,
            "requests": requests_of(contract),
            "orders": order_plan.to_json(),
            "nodes": list(environment.declared_nodes),
            "connections": profile.connections,
            "hosts": contract.sections_of_hosts(),
            "contract_not_kept": why_not_kept(plan.contract),
            **({} if plan.drill is None else {"drill": plan.drill.to_json()}),
            **({"provider_version": version} if (version := plan.options.provider_version) else {}),
        },
        tool=__version__,
        contract_sha256=contract_digest(plan.contract),
        profile_sha256=profile.sha256(),
    )
