"""Finds and loads contracts and chaos profiles, by path or by the name of one that comes with Ackord."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ...errors import FileError, UnknownNameError, did_you_mean, dotted
from ...masking import hide
from ..base.contract_error import ContractError
from ..base.field_types import StrictModel
from ..codec.codec import Codec, compile_contract
from ..spec.limits import Limits
from ..spec.metadata import Timing
from ..spec.model import Contract
from ..spec.production import looks_live
from ..spec.promises import PromisesSpec
from .lint import lint
from .written_secrets import is_credential, written_secrets
from .yaml_document import YamlDocument, read_yaml, validate_document

__all__ = ["LoadedContract", "PlaceholderEnv", "contract_names", "load_contract", "locate", "shipped"]

_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class LoadedContract:
    """A valid contract with its file and its compiled form."""

    contract: Contract
    codec: Codec
    document: YamlDocument
    """The file's data and lines: ``document.error(path, ...)`` makes an error that points into it."""

    @property
    def path(self) -> Path:
        return self.document.path

    def error(self, found: ContractError) -> FileError:
        """Turn a request that cannot be rendered into an error that points into the file."""
        return _error(self.document, found)


def shipped(folder: str) -> Path:
    """Return the folder ``contracts`` or ``chaos_profiles`` of an installed package, or of a checkout."""
    installed = _PACKAGE / "_shipped" / folder
    return installed if installed.is_dir() else _PACKAGE.parent.parent / folder


def contract_names(folder: str) -> list[str]:
    """Return the names of shipped files without their ending. Names with a leading underscore are templates."""
    return sorted(path.stem for path in shipped(folder).glob("*.yaml") if not path.name.startswith("_"))


def locate(kind: str, folder: str, name_or_path: str | Path) -> Path:
    """Find the file. Raises ``UnknownNameError`` for an unknown name, ``FileError`` for a missing path."""
    path = Path(name_or_path)
    looks_like_path = isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml") or "/" in name_or_path
    if not looks_like_path:
        known = contract_names(folder)
        if str(name_or_path) not in known:
            raise UnknownNameError(kind, str(name_or_path), known)
        return shipped(folder) / f"{name_or_path}.yaml"
    if not path.is_file():
        raise FileError(
            path,
            None,
            "this is a folder, not a file" if path.is_dir() else "there is no such file",
            mend=f"check the path, or give a {kind} by name: {', '.join(contract_names(folder))}",
        )
    return path


class PlaceholderEnv(Mapping[str, str]):
    """An environment in which every variable has a value: for a contract that is only read, or that our own emulator
    serves without secrets.
    """

    def __init__(self, known: Mapping[str, str] = MappingProxyType({})) -> None:
        """Take ``known``, the values of variables that are not replaced."""
        self._known = known

    def __getitem__(self, name: str) -> str:
        return self._known.get(name) or self.stand_in(name)

    @staticmethod
    def stand_in(name: str) -> str:
        """Return the value that a variable has where nobody gave one."""
        return f"emulated-{name.lower()}"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def load_contract(name_or_path: str | Path, *, env: Mapping[str, str] | None = None) -> LoadedContract:
    """Find, read, check and compile a contract. Raises ``UnknownNameError`` or ``FileError``."""
    document = read_yaml(locate("contract", "contracts", name_or_path), env=env)
    hide(*_secrets(document))
    if not _is_shipped(document.path):
        hide(*(value for path, value in written_secrets(document) if is_credential(path, value)))
    contract = validate_document(document, Contract)
    _check_places(contract, document)
    _check_keys(contract, document)
    try:
        codec = compile_contract(contract)
    except ContractError as error:
        raise _error(document, error) from None
    found = min(lint(codec), key=lambda c: document.position(c.path), default=None)
    if found is not None:
        raise _error(document, found)
    return LoadedContract(contract, codec, document)


def _is_shipped(path: Path) -> bool:
    """Whether a contract comes with Ackord, or is a copy of one, as beside evidence: what stands in it is public."""
    text = path.read_bytes()
    return any(other.read_bytes() == text for other in shipped("contracts").glob("*.yaml"))


_NO_SECRETS = frozenset({"about", "base_url", "currency", "hosts", "nodes", "order_no", "provider", "states"})


def _secrets(document: YamlDocument) -> set[str]:
    """Return the values from the environment that must never be shown. Names and addresses are none, nor is what
    identifies an account: it stands in every ledger.
    """
    values: dict[bool, set[str]] = {True: set(), False: set()}
    for path, variables in document.environment.items():
        public = path[0] in _NO_SECRETS or (path[0] == "accounts" and path[2:] == ("id",))
        values[public] |= {v for name, v in variables.items() if v != PlaceholderEnv.stand_in(name)}
    return values[False] - values[True]


def _error(document: YamlDocument, found: ContractError) -> FileError:
    problem = f'"{dotted(found.path)}": {found.problem}'
    return document.error(found.path, problem, expected=found.expected, mend=found.mend)


def _check_keys(contract: Contract, document: YamlDocument) -> None:
    """Refuse a written key that moves real money. Raises ``FileError``, which does not show it.

    Values from the environment are checked before anything is sent (``run.production_guard``).
    """
    for path, text in document.texts():
        if path[0] != "production" and path not in document.secret and looks_live(text, contract.production):
            raise document.error(
                path,
                f'"{dotted(path)}" holds a live key, written out',
                expected="${env:NAME}",
                mend="have the provider replace the key, and take the new one from the environment",
            )


def _check_places(contract: Contract, document: YamlDocument) -> None:
    """Check that the places named by ``facts`` and ``undocumented`` exist. Raises ``FileError``."""
    known = {dotted(path) for path in document.lines if path}
    for field, places in (("facts", dict(contract.facts)), ("undocumented", dict.fromkeys(contract.undocumented))):
        for index, place in enumerate(places):
            if place not in known and not _has_default(place):
                at = (field, place) if field == "facts" else (field, index)
                raise document.error(
                    at,
                    f'"{place}" is no place in this file.{did_you_mean(place, known)}',
                    expected="such as promises.key_retention or submit.answers[0]",
                )
    for place, source in contract.facts.items():
        if source not in contract.sources:
            raise document.error(
                ("facts", place),
                f'there is no source "{source}".{did_you_mean(source, contract.sources)}',
                expected=f"one of {', '.join(contract.sources) or 'those under sources (there are none)'}",
            )


def _has_default(place: str) -> bool:
    """Return whether an absent field has a default and is therefore a place too: ``promises.later_edges``."""
    part, _, field = place.partition(".")
    parts: dict[str, type[StrictModel]] = {"promises": PromisesSpec, "limits": Limits, "timing": Timing}
    return field in parts[part].model_fields if part in parts else place in Contract.model_fields
