"""Reads the subject of a certificate: a YAML file in which a vendor says what was judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..contract.base.field_types import StrictModel
from ..contract.loading.yaml_document import read_yaml, validate_document

__all__ = ["CertificateSubject", "SubjectArtifact", "read_subject"]

_Line = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+$")
]
"""One line of text. Control characters and marks that turn the direction of writing could make it say something else.
"""


class SubjectArtifact(StrictModel):
    """A thing that the product is made of, by its digest: a container image, a package."""

    name: _Line = Field(description="Its name, such as that of an image.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Its SHA-256, in hexadecimal.")


class CertificateSubject(StrictModel):
    """What a certificate is about, in its vendor's words: nobody checks them."""

    vendor: _Line = Field(description="Who vouches for it.")
    product: _Line = Field(description="What was judged.")
    version: _Line = Field(description="Which version of it; quote it if it looks like a number.")
    environment: _Line = Field(description="Where it was judged: a sandbox, a staging system.")
    contact: _Line | None = Field(default=None, description="Where to ask.")
    artifacts: tuple[SubjectArtifact, ...] = Field(
        default=(), max_length=100, description="What it is made of, so that policies can find the certificate by it."
    )


def read_subject(path: Path) -> CertificateSubject:
    """Read a subject. Nothing comes from the environment: what is signed is what stands in the file.

    Raises ``FileError``.
    """
    return validate_document(read_yaml(path, env={}), CertificateSubject)
