"""Define a provider's statements: how one is requested, compressed and written, and where a row holds the facts."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from ..base.field_types import Duration, Flag, StrictModel, field_problem
from ..base.periods import PeriodForm, period_form
from ..base.statement_parser import PluginStatementParser
from ..base.timestamps import TimestampFormat
from .ledger import MovementKinds, refund_kind_of
from .paging import CountedPaging, check_next_page
from .places import RowPlace, RowsPlace, SelectorField, check_row_places
from .requests import RequestSpec

__all__ = ["CsvFormat", "StatementSpec"]

Fact = Literal["movement_id", "order_no", "provider_id", "refund_no", "account", "amount", "amount_back", "kind", "at"]


def _time_form(form: str) -> str:
    TimestampFormat(form)
    return form


TimeForm = Annotated[str, AfterValidator(_time_form)]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError for one that is none
    if f"{parts.scheme}://{parts.netloc}" != url or not parts.hostname or parts.username is not None:
        raise ValueError("an origin without user and path, such as https://files.example.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and _on_this_machine(parts.hostname)):
        raise ValueError("https, or http on this machine: who sees a file's address may fetch it too")
    return url


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


Origin = Annotated[str, AfterValidator(_origin)]


class CsvFormat(StrictModel):
    """A table in text."""

    encoding: Literal["utf-8", "gbk", "latin-1"] = Field(default="utf-8", description="The text's encoding.")
    delimiter: Annotated[str, Field(pattern=r"^[^\r\n]$")] = Field(default=",", description="Between cells.")
    quote: Annotated[str, Field(pattern=r"^[^\r\n]?$")] = Field(default='"', description="Around cells; empty: never.")
    cell_prefix: str = Field(default="", description="What every cell begins with, such as WeChat's backtick.")
    head_rows: int = Field(
        default=1,
        ge=0,
        le=50,
        description="Rows above the first movement, the names included, which stand in the last of them. Rows without "
        "anything in them do not count.",
    )
    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark of amounts.")
    thousands: Literal["", ".", ",", " ", "'"] = Field(
        default="", description="What groups the thousands of amounts: `1.234,56` has `.`; empty: nothing."
    )
    summary_rows: int = Field(default=0, ge=0, le=50, description="Rows below the last movement.")

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if self.delimiter == self.quote:
            raise field_problem("quote", "it is the delimiter too", expected="another character, or empty")
        if self.decimal == self.thousands:
            raise field_problem("thousands", "it is the decimal mark too", expected="another character, or empty")
        return self


class StatementSpec(StrictModel):
    """A bill: all movements of a period, as the provider states them later.

    Without a `ledger`, the movements of money are read from it.
    """

    request: RequestSpec = Field(
        description="What is sent for one period or page; `${period.from:FORMAT}` and `${period.to:FORMAT}` are when "
        "it begins and ends, `${cursor}` is where a page begins."
    )
    rows: RowsPlace | None = Field(
        default=None,
        description="The list of movements, where the statement is JSON (`$.data`) or XML (`/Document/Stmt/Ntry`: all "
        "elements of that name).",
    )
    next: SelectorField | None = Field(
        default=None,
        description="The cursor of the next page, as in `ledger`; only where the statement is JSON or XML.",
    )
    next_row: RowPlace | None = Field(
        default=None, description="Where the next page begins, taken from the last row of this one, as in `ledger`."
    )
    counted: CountedPaging | None = Field(default=None, description="Pages are counted, as in `ledger`.")
    csv: CsvFormat | None = Field(default=None, description="How the table is written, where it is text.")
    hook: PluginStatementParser | None = Field(
        default=None,
        description="A parser of another package, where the statement is neither JSON, XML nor such a table.",
    )
    download: SelectorField | None = Field(
        default=None,
        description="The address of the file in the answer, where it is fetched in a second step. Only the provider's "
        "own origin is followed, and those in `download_hosts`.",
    )
    download_hosts: list[Origin] = Field(
        default=[],
        description="Other origins that the file may be at, each exactly: `https://files.example.com`. What is asked "
        "for there is not signed.",
    )
    download_signed: Flag = Field(
        default=True,
        description="Whether the second request is signed as the first is; an address that is secret itself needs it "
        "not.",
    )
    download_hosts_signed: Flag = Field(
        default=False, description="Whether it is signed at `download_hosts`, too: they are shown the credentials then."
    )
    compressed: Literal["gzip", "zip"] | None = Field(default=None, description="How the file is packed.")
    zip_entry: str = Field(
        default="", description="How the name of the movements' file ends, where there are several in a zip."
    )
    columns: dict[Fact, str | Annotated[list[str], Field(min_length=2, max_length=4)]] = Field(
        min_length=1,
        description="Where each fact stands: a place in a row (`$.id`, `/Ntry/AcctSvcrRef`), a column's "
        "name (with `csv` and `hook`), or "
        "its number from 1 in a table without names. `amount_back` is for money that came back where it "
        "has a column of its own; `refund_no` is the number of the refund; `at` is when it moved; "
        "where date and time have columns of their own, a list of both (`[Date, Time]`), read with a blank between. "
        "`movement_id` may be left out where rows of a table (`csv`) have none and `at` is given: each row is a "
        "movement then.",
    )
    time_form: TimeForm = Field(
        default="iso8601",
        description="How `at` is written: `iso8601` (with its zone), `unix`, `unix_ms`, or a format of strptime with "
        "a zone behind a bar if it is not UTC: `%Y-%m-%d %H:%M:%S|+08:00`, `%d.%m.%Y|Europe/Berlin`.",
    )
    kinds: MovementKinds = Field(
        default={"payout": "payout", "return": "return", "refund": "refund"},
        description="The provider's kinds of movement, as in `ledger`. A kind that is not here makes the statement "
        "unreadable.",
    )
    money: Literal["minor", "major"] = Field(
        default="minor", description="Units of its amounts, which need not be those of the API."
    )
    sign: Literal["plain", "negative_out"] = Field(
        default="plain",
        description="`plain`: no amount is negative. `negative_out`: what left is negative, what came back is not; it "
        "is told by the sign then.",
    )
    window: Literal["day", "half_open", "closed"] = Field(
        default="day",
        description="What a period is: a calendar day, or from an instant to another, the end left out or not.",
    )
    available_after: str | None = Field(
        default=None,
        description="When it is complete, in words: `next day 10:00 Asia/Shanghai`. A run that reads it before proves "
        "nothing by what is missing in it. Left out, it grows as money moves (`promises.posts_within`).",
    )
    link_expires: Duration | None = Field(default=None, description="How long the file's address works.")

    def column_names(self) -> list[str]:
        """Return the names of all columns that facts stand in."""
        return [name for at in self.columns.values() for name in ([at] if isinstance(at, str) else at)]

    @property
    def shows_returns(self) -> bool:
        """Whether it can show that money came back."""
        by_kind = "kind" in self.columns and "return" in self.kinds.values()
        return by_kind or "amount_back" in self.columns or self.sign == "negative_out"

    @property
    def refund_kind(self) -> str:
        """The kind of movement by which it shows refunds; empty: it does not show them."""
        return refund_kind_of("kind" in self.columns, self.kinds, self.shows_returns)

    def period_form(self) -> PeriodForm:
        """Return how the request writes a period."""
        request = self.request
        return period_form([repr((request.path, request.query, request.headers, request.body))], self.window)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if [self.rows, self.csv, self.hook].count(None) != 2:
            raise field_problem("rows", "a statement has one form", expected="rows (JSON or XML), csv or hook")
        paged = check_next_page(self.request, next=self.next, next_row=self.next_row, counted=self.counted)
        if paged and (self.rows is None or self.download is not None):
            raise field_problem(paged, "a file has no pages", expected="rows, and no download")
        for name in ("download_hosts", "download_hosts_signed"):
            if getattr(self, name) and not (self.download if name == "download_hosts" else self.download_hosts):
                raise field_problem(name, "nothing is fetched there", expected="download, and hosts to fetch from")
        if self.zip_entry and self.compressed != "zip":
            raise field_problem("zip_entry", "the file is no zip", expected="compressed: zip beside it")
        return self

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        missing = [name for name in ("movement_id", "amount") if name not in self.columns]
        if self.csv is not None and "at" in self.columns and "movement_id" in missing:
            missing.remove("movement_id")
        if not {"order_no", "provider_id"}.intersection(self.columns):
            missing.append("order_no or provider_id")
        if missing:
            raise field_problem("columns", f"nothing says where {' and '.join(missing)} stands", expected="its column")
        if "time_form" in self.model_fields_set and "at" not in self.columns:
            raise field_problem("time_form", "no column says when money moved", expected="at under columns")
        for name, at in self.columns.items():
            if not isinstance(at, str) and (name != "at" or self.rows is not None):
                raise field_problem(
                    "columns", f"{name}: it stands in one place", expected="a list for `at` alone, with csv or hook"
                )
        for name, column in ((n, c) for n, at in self.columns.items() for c in ([at] if isinstance(at, str) else at)):
            if self.rows is not None:
                check_row_places(self.rows, "columns", {name: column})
            elif self.csv is not None and self.csv.head_rows == 0 and not (column.isdecimal() and int(column)):
                raise field_problem(
                    "columns", f"{name}: {column!r} is a name, and head_rows: 0 says that there is none",
                    expected="the column's number, from 1",
                )  # fmt: skip
        return self
