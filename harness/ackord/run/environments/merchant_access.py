"""Open a merchant's ways to the gateway: TLS with a throw-away authority, and a proxy for one host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from ...chaos.chaos_process import ChaosProcess, ProxyPort
from ...chaos.gateway.connect_host import authority
from ...host.run_dir import RunDir
from ..options.run_options import RunOptions

if TYPE_CHECKING:
    from ...chaos.throwaway_ca import ThrowawayCa

__all__ = ["MerchantAccess", "open_access"]

_FOLDER = "tls"
_OURSELVES = ("127.0.0.1", "localhost", "::1")


class MerchantAccess(NamedTuple):
    """How a merchant's own client reaches the gateway."""

    url: str
    """The provider's address for it: http, or https if that was asked for."""
    variables: Mapping[str, str]
    """What its environment must hold to trust the gateway's certificate and to use the proxy; empty without TLS."""
    proxy_url: str = ""
    """The HTTP proxy; empty: there is none."""


def open_access(chaos: ChaosProcess, edge: ProxyPort, run: RunDir, options: RunOptions, unix_s: int) -> MerchantAccess:
    """Open what ``options`` ask for, at ``unix_s``. Files are in the folder of the run, and gone with it.

    Raises ``UsageError`` for a host that is none, ``EnvironmentFailed``.
    """
    if not (options.tls or options.proxy_host):
        return MerchantAccess(edge.url, {})
    # Its library takes a tenth of a second to import.
    from ...chaos.throwaway_ca import ThrowawayCa

    hosts = [options.proxy_host] if options.proxy_host else []
    folder = run.folder(_FOLDER)
    folder.chmod(0o700)
    ca = ThrowawayCa(folder, unix_s)
    leaf = ca.leaf(*_OURSELVES, *(authority(host)[0] for host in hosts))
    url = chaos.open_tls(edge.name, leaf.cert, leaf.key).url if options.tls else edge.url
    if not hosts:
        return MerchantAccess(url, ca.environment())
    proxy = chaos.open_connect_proxy(edge.name, hosts, leaf.cert, leaf.key)
    return MerchantAccess(url, _with_proxy(ca, proxy), proxy.url)


def _with_proxy(ca: ThrowawayCa, proxy: ProxyPort) -> dict[str, str]:
    host = urlsplit(proxy.url).hostname
    ours = ",".join(_OURSELVES)
    return {
        **ca.environment([f"-Dhttps.proxyHost={host}", f"-Dhttps.proxyPort={proxy.port}"]),
        "HTTPS_PROXY": proxy.url,
        "https_proxy": proxy.url,
        "NO_PROXY": ours,
        "no_proxy": ours,
        "NODE_USE_ENV_PROXY": "1",
    }
