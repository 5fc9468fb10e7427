"""Defines options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = [
    "CallbackPort",
    "CertificateAuthority",
    "OpenApi",
    "OpenApiStrict",
    "PostgresBin",
    "Remote",
    "Target",
    "Toxiproxy",
]

CallbackPort = Annotated[
    int, typer.Option(help="Where the provider's callbacks are taken, on 127.0.0.1; 0: any port.", min=0, max=65535)
]

CertificateAuthority = Annotated[
    str,
    typer.Option(
        "--ca",
        envvar="ACKORD_CA",
        help="PEM file of the authority that signed the certificate of an https target. Default: the system's "
        "authorities.",
    ),
]

OpenApi = Annotated[
    str,
    typer.Option(
        "--openapi",
        help="The provider's OpenAPI document, a file: answers are held to it (answers-match-schema). Default: "
        "the one that the contract names, if it does.",
    ),
]

OpenApiStrict = Annotated[
    bool,
    typer.Option(
        "--openapi-strict",
        help="An answer whose status code the document does not list breaks it too.",
    ),
]

PostgresBin = Annotated[
    str,
    typer.Option(
        envvar="ACKORD_POSTGRES_BIN",
        help="Folder of an installed PostgreSQL's programs; default: those of the wheel.",
    ),
]

Toxiproxy = Annotated[
    str,
    typer.Option(
        envvar="ACKORD_TOXIPROXY",
        help="What delays and cuts bytes: the address of a Toxiproxy server, such as http://127.0.0.1:8474, "
        "`start` for one of our own, or its program's "
        "path. Default: the embedded engine.",
    ),
]

Remote = Annotated[
    bool,
    typer.Option(
        "--remote", help="The target may be on another machine: a sandbox over https, at the contract's rate."
    ),
]
Target = Annotated[
    str,
    typer.Option(
        help="What is judged: `reference`, `emulator` (the contract served by the reference provider's service), "
        "`docker` (the reference in containers), or the address of a provider. Default: the contract's "
        "base_url, or reference."
    ),
]
