"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["CertificateAuthority", "PostgresBin", "Toxiproxy"]

CertificateAuthority = Annotated[
    str,
    typer.Option(
        "--ca",
        envvar="ACKORD_CA",
        help="PEM file of the authority that signed the certificate of an https target. Default: the system's authorities.",
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
        help="What delays and cuts bytes: the address of a Toxiproxy server, such as http://127.0.0.1:8474, `start` for one of our own, or its program's "
        "path. Default: the embedded engine.",
    ),
]
