"""Finds what other packages add to Ackord, and tries whether it can be used."""

from __future__ import annotations

from collections.abc import Iterator

from ..chaos.faults.base import ENTRY_POINT_GROUP as OF_FAULTS
from ..chaos.faults.base import FAULTS, Fault, checked_name
from ..contract.base.statement_parser import ENTRY_POINT_GROUP as OF_STATEMENTS
from ..contract.base.statement_parser import PARSERS, StatementParser
from ..contract.extractors import ENTRY_POINT_GROUP as OF_EXTRACTORS
from ..contract.extractors import EXTRACTORS, Extractor
from ..contract.signing import ENTRY_POINT_GROUP as OF_SIGNING
from ..contract.signing import SCHEMES, Scheme
from ..core.registry import InstalledPlugin
from ..guarantees import ENTRY_POINT_GROUP as OF_GUARANTEES
from ..guarantees import GUARANTEES, Guarantee
from ..report.report_registry import ENTRY_POINT_GROUP as OF_REPORTS
from ..report.report_registry import REPORTS, Report

__all__ = ["NEEDED_BY_EVERY_RUN", "installed_plugins"]

NEEDED_BY_EVERY_RUN = frozenset({FAULTS.kind, GUARANTEES.kind, REPORTS.kind})
"""Kinds that every run loads whole; the others are loaded for a contract that names one of them."""


def installed_plugins() -> Iterator[InstalledPlugin]:
    """Return every plug-in of the six entry points, usable or not."""
    yield from FAULTS.outsiders(OF_FAULTS, type(Fault), checked_name)
    yield from GUARANTEES.outsiders(OF_GUARANTEES, Guarantee, lambda guarantee: guarantee.id)
    yield from REPORTS.outsiders(OF_REPORTS, Report, lambda report: report.name)
    yield from SCHEMES.outsiders(OF_SIGNING, Scheme, lambda scheme: scheme.name)
    yield from EXTRACTORS.outsiders(OF_EXTRACTORS, Extractor, lambda extractor: extractor.name)
    yield from PARSERS.outsiders(OF_STATEMENTS, StatementParser, lambda parser: parser.name)
