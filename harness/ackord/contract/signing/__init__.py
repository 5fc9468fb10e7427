"""How requests to a provider are authenticated and signed, and how its answers and callbacks are verified: one scheme a file, registered here in
the order in which several of one account are applied.
"""

from __future__ import annotations

from . import api_key, basic, bearer, hmac, rsa
from .base import ENTRY_POINT_GROUP, SCHEMES, FixedHeaders, MerchantSide, ProviderSide, Scheme, load_outsiders
from .keys import Secret, SigningProblem

__all__ = [
    "BUILT_IN",
    "ENTRY_POINT_GROUP",
    "SCHEMES",
    "FixedHeaders",
    "MerchantSide",
    "ProviderSide",
    "Scheme",
    "Secret",
    "SigningProblem",
    "load_outsiders",
]

for _module in (bearer, basic, api_key, hmac, rsa):
    SCHEMES.add(_module.SCHEME.name, _module.SCHEME)

BUILT_IN: tuple[Scheme, ...] = tuple(SCHEMES)
"""Those that come with Ackord: each is a field of a contract's ``auth``."""
