"""Finds values in a contract that may be secrets and are written out, instead of coming from the environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.contract_error import DocumentPath
from .yaml_document import YamlDocument

__all__ = ["is_credential", "written_secrets"]

_SECRET_NAME = re.compile(
    r"secret(?!_form)|password|token|bearer|basic|\bkey\b|_key\b|\bdsn\b|authorization", re.IGNORECASE
)
"""The names of fields whose value may be a secret."""
_CREDENTIAL_NAME = re.compile(r"secret(?!_form)|password|bearer$|authorization", re.IGNORECASE)
"""Those whose value is one, in the section of an account."""


def written_secrets(document: YamlDocument) -> Iterator[tuple[DocumentPath, str]]:
    """Return the places and values of texts that may be secrets, in the order of the file."""
    for path, value in document.texts():
        name = str(path[-1]) if path else ""
        may_be_secret = _SECRET_NAME.search(name) or ("auth" in path and name in ("value", "username", "client_id"))
        if may_be_secret and path not in document.secret:
            yield path, value


def is_credential(path: DocumentPath, value: str) -> bool:
    """Return whether a value that is written out is certainly a secret, and no template, place or word of a format: one
    that may be masked wherever it stands.
    """
    in_auth = path[0] == "accounts" and "auth" in path
    return in_auth and bool(_CREDENTIAL_NAME.search(str(path[-1]))) and "${" not in value and not value.startswith("$")
