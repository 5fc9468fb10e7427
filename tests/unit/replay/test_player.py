"""How a scenario is carried out; the provider is in tests/live/test_replay.py."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, cast

from ackord.client.operation_request import OperationRequest
from ackord.contract.spec.order_numbers import OrderNumberFormat
from ackord.core.seed import Seed
from ackord.replay.order_scenario import OrderScenario
from ackord.replay.player import perform, profile_of
from ackord.run.interactive import InteractiveRun
from ackord.workload.order import WorkloadOrder
from ackord.workload.order_factory import OrderFactory

from .build import scenario


@dataclass
class Bench:
    """Stands for a run and its world; notes what it is asked for."""

    done: list[str] = field(default_factory=list)
    calls: list[OperationRequest] = field(default_factory=list)

    def world(self) -> Bench:
        return self

    def create_order(self, amount_minor: int, *, payee: str | None = None) -> WorkloadOrder:
        book = OrderFactory(Seed(1), "run-", form=OrderNumberFormat(), account="main", other_account="second", salt="s")
        return book.create_order(amount_minor=amount_minor, payee=payee)

    def arm(self, fault: str) -> None:
        self.done.append(f"arm {fault}")

    def heal(self, fault: str) -> None:
        self.done.append(f"heal {fault}")

    def wait(self, duration_ns: int) -> None:
        self.done.append(f"wait {duration_ns}")

    def begin(self, order: WorkloadOrder, call: OperationRequest) -> Future[Any]:
        self.calls.append(call)
        self.done.append(f"begin {call.kind}")
        return Future()

    def complete(self, pending: Future[Any]) -> None:
        self.done.append("complete")


def played(of: OrderScenario) -> Bench:
    bench = Bench()
    perform(cast("InteractiveRun", bench), of)
    return bench


def test_it_does_what_the_program_says() -> None:
    bench = played(
        scenario(
            {"do": "arm", "fault": "replication-cut"}, {"do": "submit"}, {"do": "heal", "fault": "replication-cut"},
            {"do": "query", "wait_ms": 1.5}, faults=({"fault": "replication-cut"},),
        )
    )  # fmt: skip
    assert bench.done == [
        "arm replication-cut", "begin submit", "complete", "heal replication-cut", "wait 1500000", "begin query",
        "complete",
    ]  # fmt: skip


def test_a_held_query_waits_for_the_token_of_its_submit() -> None:
    query, submit = played(scenario({"do": "submit"}, {"do": "query", "held": "until-acknowledged"})).calls
    assert query.hold == f"ack:{submit.token}"
    assert not submit.hold


def test_a_race_shares_a_barrier() -> None:
    together = {"do": "submit", "held": "until-all-sent"}
    calls = played(scenario(together, together, together)).calls
    assert len({call.hold for call in calls}) == 1
    assert calls[0].hold.endswith(":3")
    assert [call.kind for call in calls] == ["submit", "resubmit", "resubmit"]


def test_altered_payloads_nodes_and_the_other_account_are_sent() -> None:
    first, altered, other = played(
        scenario(
            {"do": "submit"}, {"do": "submit", "amount_minor": 501, "payee": "q", "node": "B"},
            {"do": "query", "account": "other"}, payee="p",
        )
    ).calls  # fmt: skip
    assert (first.payment.amount_minor, first.payment.payee, first.node) == (500, "p", "")
    assert (altered.payment.amount_minor, altered.payment.payee, altered.node) == (501, "q", "B")
    assert (other.payment.account, other.payment.order_no) == ("second", first.payment.order_no)


def test_the_profile_has_the_scenario_s_faults_and_no_workload_of_its_own() -> None:
    profile = profile_of(
        scenario(
            {"do": "submit", "faults": [{"fault": "lost-answer"}]}, connections="new",
            faults=({"fault": "replication-latency", "ms": 5},),
        )
    )  # fmt: skip
    assert (profile.name, profile.connections) == ("replay", "new")
    assert [fault.fault for fault in profile.faults] == ["replication-latency", "lost-answer"]
    assert "replication" in profile.needs()
