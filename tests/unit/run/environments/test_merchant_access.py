"""A merchant's way to the gateway without TLS or proxy is the edge itself. The rest is tried live."""

from __future__ import annotations

from typing import Any, cast

from ackord.chaos.chaos_process import ProxyPort
from ackord.run.environments.merchant_access import MerchantAccess, open_access
from ackord.run.options.run_options import RunOptions


def test_without_tls_and_proxy_nothing_is_opened_or_written() -> None:
    nobody = cast("Any", None)
    found = open_access(nobody, ProxyPort("merchant", 8080), nobody, RunOptions(), 0)
    assert found == MerchantAccess("http://127.0.0.1:8080", {}, "")
