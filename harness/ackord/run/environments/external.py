"""Connect a run to a provider that is already running: on this machine, beside the job under a name that was allowed,
or with ``--remote`` elsewhere.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ...chaos.toxiproxy.addresses import is_loopback, join
from ...client.pacing import Pace
from ...contract.signing import CertificateFiles
from ...contract.spec.auth import client_certificate
from ...contract.spec.model import Contract
from ...core.clock import RealClock
from ...errors import EnvironmentFailed, UsageError
from ...host.run_dir import RunDir
from ...masking import has_user_info
from ...workload.order_allowance import OrderAllowance
from ..options.plan import RunPlan
from ..options.run_options import RunOptions
from .base import EVERYWHERE, BaseEnvironment, Json
from .private_host import is_allowed, private_address

__all__ = ["ExternalEnvironment"]


class ExternalEnvironment(BaseEnvironment):
    """A provider that is already running, at an address."""

    seams = EVERYWHERE

    def __init__(self, plan: RunPlan) -> None:
        """Raises ``UsageError`` for an address that is refused."""
        super().__init__(plan)
        contract = plan.contract.contract
        self._addresses = self._named_addresses()
        upstreams = {name: _Upstream(url, plan.options) for name, url in {**self._addresses, **contract.hosts}.items()}
        self._upstreams, self._tls = {name: (u.host, u.port) for name, u in upstreams.items()}, _tls_of(upstreams)
        self._numeric = {u.url: u.numeric_url for u in upstreams.values()}
        self._names = {u.numeric_url: u.name for u in upstreams.values() if u.name}
        if self._tls is not None:
            self.certificate = _certificate(contract)
        self.order_allowance = OrderAllowance(contract.limits.orders)
        self.pace = None if plan.rate_per_s is None else Pace(plan.rate_per_s, RealClock())
        if plan.options.remote or self._names:
            self.host = urlsplit(plan.target).netloc
        if len(self._addresses) > 1:
            self.seams |= {"nodes"}
            self.declared_nodes = tuple(self._addresses)

    def _named_addresses(self) -> dict[str, str]:
        """Return the provider's addresses by the names of its nodes."""
        contract, target = self._plan.contract.contract, self._plan.target
        given = contract.nodes if target in (contract.base_url, *contract.nodes.values()) else {}
        return {"A": target} if len(given) < 2 else given

    def _start(self, run: RunDir) -> None:
        for name, (host, port) in self._upstreams.items():
            try:
                socket.create_connection((host, port), timeout=3).close()
            except OSError as error:
                url = self._addresses.get(name) or self._plan.contract.contract.hosts[name]
                raise EnvironmentFailed(
                    f"the provider at {url} cannot be reached: {error.strerror or error}.\n"
                    "  mend: start it, or give its address with --target"
                ) from error
        tls = None if self._tls is None else {**self._tls, "ca": self._plan.options.ca}
        if tls is not None and self.certificate is not None:
            tls |= {"cert": str(self.certificate.certificate), "key": str(self.certificate.private_key)}
        self._open_edge(self._upstreams, upstream_tls=tls)
        self.nodes = tuple(self._addresses)
        self.direct_url = self.connect_url(self._plan.target)
        self.description = f"{self._plan.contract.contract.provider} at {self._plan.target}"

    def url_of_host(self, host: str) -> str:
        return self.connect_url(self._plan.contract.contract.hosts[host]) if host else self.direct_url

    def connect_url(self, url: str) -> str:
        url = url.rstrip("/")
        return self._numeric.get(url, url)

    def host_header(self, url: str) -> str:
        return self._names.get(url, "")

    def reference(self, do: str, /, **arguments: Any) -> Json:
        raise UsageError(f"{self._plan.target} is not the reference provider: it cannot be told to {do}")


def _certificate(contract: Contract) -> CertificateFiles | None:
    """Return the client certificate of the accounts.

    Raises ``UsageError`` if they differ: all accounts share the gateway's connections.
    """
    shown = {files for account in contract.accounts.values() if (files := client_certificate(account.auth)) is not None}
    if len(shown) > 1:
        raise UsageError(
            f"the accounts of {contract.provider} show different client certificates, and the gateway's connections "
            "are shared by all of them.\n"
            "  expected: one certificate and key under mtls, the same for every account"
        )
    return next((CertificateFiles(*(path.resolve() for path in files)) for files in shown), None)


def _tls_of(upstreams: Mapping[str, _Upstream]) -> dict[str, str] | None:
    """Return how TLS to all of them is verified. Raises ``UsageError``."""
    settings = [u.tls for u in upstreams.values()]
    if any(tls != settings[0] for tls in settings):
        raise UsageError(
            f"the provider's addresses ({', '.join(u.url for u in upstreams.values())}) differ in how TLS is spoken to "
            "them.\n  expected: all http, or all https with one name on the certificate"
        )
    return settings[0]


class _Upstream:
    """One address of the provider: where to connect to, and how."""

    def __init__(self, url: str, options: RunOptions) -> None:
        """Raises ``UsageError`` for an address that payments must not be sent to, ``EnvironmentFailed`` for an allowed
        name without an address.
        """
        parts = urlsplit(url)
        _refuse_credentials(url)
        mend = "  expected: reference, emulator, docker, or an address such as http://127.0.0.1:8080"
        try:
            host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            host, port = "", 0
        if parts.scheme not in ("http", "https") or not host or parts.path.strip("/"):
            raise UsageError(
                f"--target {url}: this is no address of a provider, which is a host and a port over HTTP.\n{mend}"
            )
        self.url = url.rstrip("/")
        self.host, self.port = "127.0.0.1" if host == "localhost" else host, port
        self.tls = {"server_name": host} if parts.scheme == "https" else None
        """How TLS is verified; ``None``: plain HTTP."""
        self.name = ""
        """What a request calls the host, where it is connected to by number."""
        self.numeric_url = self.url
        if is_loopback(self.host):
            return
        if is_allowed(host, options.allow_hosts):
            self.host = private_address(host)
            if self.tls is None:  # by TLS the name is on the certificate, so nobody else can answer to it
                self.name, self.numeric_url = parts.netloc, f"http://{join(self.host, port)}"
            return
        if not options.remote:
            raise UsageError(
                f"--target {url}: this is not a loopback address. Ackord submits payments, so it leaves this machine "
                f"only when it is told to.\n{mend}\n  mend: --allow-host {host}, if this is a service beside this job "
                "on a private network; --remote, if this is a sandbox of yours; --target emulator, to try the contract "
                "without one"
            )
        if self.tls is None:
            raise UsageError(f"--target {url}: payments leave this machine over https only.\n{mend}")


def _refuse_credentials(url: str) -> None:
    parts = urlsplit(url)
    if has_user_info(url) or parts.query or parts.fragment:
        raise UsageError(
            f"--target {parts.scheme}://{parts.hostname}: user, password, query and fragment belong to no address of a "
            "provider, and would stand in the evidence.\n"
            "  expected: an address such as https://api.sandbox.example.com\n"
            "  mend: give credentials under accounts in the contract, as ${env:NAME}"
        )
