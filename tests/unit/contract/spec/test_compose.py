"""The section of a compose file: what is refused, and which services it names."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ackord.contract.spec.compose import ComposeSection, ComposeSpec, ServicePort, service_port

LINK = {"to": "primary:5432", "carries": "replication"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"nodes": {"a": "shop"}}, "a service and a port"),
        ({"nodes": {"a": "shop:0"}}, "a service and a port"),
        ({"links": {"wal": {**LINK, "carries": "requests"}}}, "'replication' or 'read-model'"),
        ({"links": {"wal": {**LINK, "listen": "127.0.0.1:1"}}}, "listen"),
        ({"start": {"command": ["up"]}}, "start"),
    ],
)
def test_what_it_cannot_say_is_refused(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ComposeSection.model_validate({"x-ackord": data})
    assert problem in str(refused.value)


def test_every_service_that_it_names_has_a_place() -> None:
    spec = ComposeSpec.model_validate(
        {"nodes": {"a": "my_shop.1:80"}, "hosts": {"reads": "b:81"}, "links": {"wal": LINK}}
    )
    assert list(spec.service_ports()) == [
        (("nodes", "a"), ServicePort("my_shop.1", 80)),
        (("hosts", "reads"), ServicePort("b", 81)),
        (("links", "wal", "to"), service_port("primary:5432")),
    ]
