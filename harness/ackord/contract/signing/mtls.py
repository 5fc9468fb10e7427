"""Implements ``mtls``: a client certificate. Its sides sign nothing; a client uses the files when it connects."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from ..base.contract_error import ContractError
from ..base.field_types import StrictModel
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .base import FixedHeaders, MerchantSide, ProviderSide, Scheme, UnsignedResponses
from .keys import KeyFile, emulated

__all__ = ["SCHEME", "CertificateFiles", "Mtls"]


class CertificateFiles(NamedTuple):
    """The certificate and key that a client connects with."""

    certificate: Path
    private_key: Path


class Mtls(StrictModel):
    """A client certificate and its key, in PEM files beside the contract."""

    certificate: KeyFile = Field(description="The certificate's file, with the chain if there is one.")
    private_key: KeyFile = Field(description="The private key's file, without a password.")

    def files(self) -> CertificateFiles | None:
        """Return the files; ``None`` for an emulator, which asks for no certificate. Raises ``ContractError`` for a
        missing file.
        """
        if emulated(self.certificate) or emulated(self.private_key):
            return None
        for field, file in (("certificate", self.certificate), ("private_key", self.private_key)):
            if not file.path.is_file():
                raise ContractError((field,), "there is no such file", mend="check the path")
        return CertificateFiles(self.certificate.path, self.private_key.path)


class _MtlsProvider(UnsignedResponses):
    """Accepts every request, because the connection was verified before."""

    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        return answer


def _merchant(settings: Mtls) -> MerchantSide:
    settings.files()
    return FixedHeaders()


def _provider(settings: Mtls) -> ProviderSide:
    return _MtlsProvider()


SCHEME = Scheme(
    name="mtls",
    about="A client certificate, shown when a connection is made.",
    settings=Mtls,
    merchant=_merchant,
    provider=_provider,
)
