"""The provider in virtual time is the reference's own service; its statement has short pages."""

from __future__ import annotations

import json
from typing import Any

from ackord.core.clock import MS, SECOND, VirtualClock
from ackord.providers.flaws import FLAWS
from ackord.providers.variants import VARIANTS
from ackord.simulation.simulated_provider import PAGE_LINES, SIMULATED_FLAWS, SIMULATED_VARIANTS, VirtualWall
from ackord.simulation.simulated_store import SIMULATED_UNIX_S
from tests.simulated.worlds import Door, payment

WINDOW = f"/v1/statement?from={SIMULATED_UNIX_S}&to={SIMULATED_UNIX_S + 100}"


def test_a_variant_is_the_very_class_of_the_live_provider() -> None:
    assert all(VARIANTS.get(name) is service for name, service in SIMULATED_VARIANTS.items())
    assert set(SIMULATED_FLAWS) == {name for name in SIMULATED_VARIANTS if not FLAWS.get(name).correct}


def test_a_statement_is_given_page_by_page() -> None:
    door = Door()
    for number in range(12):
        door.submit(payment(200 + number, order_no=f"M-{number:08}"))
    door.clock.sleep_ns(2 * SECOND)

    def asked(cursor: str) -> tuple[int, dict[str, Any]]:
        answer = door.provider.statement("main", f"{WINDOW}{cursor and f'&cursor={cursor}'}")
        return answer.status, json.loads(answer.body)

    status, page = asked("")
    assert status == 200
    ids = [line["line_id"] for line in page["lines"]]
    assert len(ids) == PAGE_LINES
    while "next" in page:
        _, page = asked(page["next"])
        ids += [line["line_id"] for line in page["lines"]]
    assert ids == [f"ln_{entry.id}" for entry in door.provider.ledger]
    assert page["totals"]["lines"] == len(ids)
    assert asked("never")[0] == 422


def test_the_wall_clock_is_virtual() -> None:
    clock = VirtualClock()
    wall = VirtualWall(clock)
    clock.sleep_ns(5 * MS)
    wall.stepped_ns = SECOND
    assert wall.unix_ns() == SIMULATED_UNIX_S * SECOND + 5 * MS + SECOND
