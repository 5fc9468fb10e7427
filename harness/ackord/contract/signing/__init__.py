"""Authenticates and signs requests, and verifies answers and callbacks: one scheme per file, registered in the order in
which several are applied.
"""

from __future__ import annotations

from . import (
    alipay_rsa2,
    api_key,
    basic,
    bearer,
    fspiop,
    hmac,
    hook,
    http_message_signatures,
    jws_detached,
    mtls,
    oauth2,
    rsa,
    unionpay,
    wechat_v2,
    wechatpay2,
)
from .base import ENTRY_POINT_GROUP, SCHEMES, FixedHeaders, MerchantSide, ProviderSide, Scheme
from .bearer import FixedHeaderProvider
from .keys import Secret
from .mtls import CertificateFiles
from .oauth2 import OAuth2Merchant

__all__ = [
    "BUILT_IN",
    "ENTRY_POINT_GROUP",
    "SCHEMES",
    "CertificateFiles",
    "FixedHeaderProvider",
    "FixedHeaders",
    "MerchantSide",
    "OAuth2Merchant",
    "ProviderSide",
    "Scheme",
    "Secret",
]

for _module in (
    bearer,
    basic,
    api_key,
    oauth2,
    mtls,
    alipay_rsa2,
    wechat_v2,
    unionpay,
    hmac,
    rsa,
    wechatpay2,
    jws_detached,
    fspiop,
    http_message_signatures,
    hook,
):
    SCHEMES.add(_module.SCHEME.name, _module.SCHEME)

BUILT_IN: tuple[Scheme, ...] = tuple(SCHEMES)
"""The schemes that come with Ackord; each is a field of a contract's ``auth``."""
