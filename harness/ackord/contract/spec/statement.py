"""Define a provider's statements: how one is requested, compressed and written, and where a row holds the facts."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ...core.statement_promises import StatementPromises
from ..base.field_types import Duration, Flag, StrictModel, field_problem
from ..base.periods import PeriodForm, period_form
from ..base.statement_parser import PluginStatementParser
from ..base.timestamps import TimestampFormat
from .ledger import MovementKinds, refund_kind_of
from .paging import CountedPaging, check_next_page
from .places import Conditions, RowPlace, RowsPlace, SelectorField, check_row_places, place_text
from .requests import RequestSpec
from .statement_checks import Origin, Pattern, StatementChecksum, TotalName, TotalPattern, TotalPlace

__all__ = ["CsvFormat", "StatementSpec"]

Fact = Literal[
    "movement_id", "order_no", "provider_id", "refund_no", "account", "amount", "amount_back", "kind", "at", "currency",
    "direction", "fee", "status",
]  # fmt: skip
STANDARD_COLUMNS: dict[str, dict[str, str]] = {
    standard: {
        "order_no": "end_to_end", "amount": "amount", "currency": "currency", "direction": "direction", "at": "date",
    }
    for standard in ("mt940", "camt053")
}  # fmt: skip
"""Where the facts stand in the files of a standard, unless a contract says otherwise."""


def _time_form(form: str) -> str:
    TimestampFormat(form)
    return form


TimeForm = Annotated[str, AfterValidator(_time_form)]


class CsvFormat(StrictModel):
    """A table in text."""

    encoding: Literal["utf-8", "utf-16", "gbk", "gb18030", "latin-1", "cp1252"] = Field(
        default="utf-8", description="The text's encoding."
    )
    widths: list[Annotated[int, Field(ge=1, le=4096)]] = Field(
        default=[],
        description="The widths of the cells, in characters, where nothing stands between them; `delimiter` and "
        "`quote` mean nothing then.",
    )
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
    standard: Literal["mt940", "camt053"] | None = Field(
        default=None,
        description="A standard's file: SWIFT MT940, or ISO 20022 camt.053 (any version), a movement being an entry "
        "or, where it has details, each of them. `columns` need not be given; other cells than the usual are "
        "`bank_reference`, `reference`, `purpose`, `type`, `value_date`, `status` and `account`.",
    )
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
        default={},
        description="Where each fact stands: a place in a row (`$.id`, `/Ntry/AcctSvcrRef`), a column's "
        "name (with `csv` and `hook`), or "
        "its number from 1 in a table without names. `amount_back` is for money that came back where it "
        "has a column of its own; `refund_no` is the number of the refund; `at` is when it moved; "
        "where date and time have columns of their own, a list of both (`[Date, Time]`), read with a blank between. "
        "`movement_id` may be left out where rows of a table (`csv`) have none and `at` is given: each row is a "
        "movement then. `direction` is whether money left or came (`directions`), `fee` what the provider kept, in the "
        "units of the amount.",
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
    order_no_part: Pattern | None = Field(
        default=None,
        description="A regular expression over what stands at `order_no`, such as a transfer's purpose: its first "
        "group, or all that it matches, is the number. A row that it does not meet belongs to no order.",
    )
    directions: dict[str, Literal["out", "in"]] = Field(
        default={"D": "out", "RC": "out", "DBIT": "out", "C": "in", "RD": "in", "CRDT": "in"},
        description="The provider's words for where money went, seen from the account, where `direction` is a column.",
    )
    fee_sign: Literal["plain", "negative_out"] = Field(
        default="plain",
        description="`plain`: a fee that was taken is positive. `negative_out`: it is negative.",
    )
    totals: dict[TotalName, TotalPlace] = Field(
        default={},
        description="What the statement says that its movements add up to. In JSON and XML a place in the last page; "
        "in a table the text of a cell above or below the movements, the total standing under it, or `{regex: ...}` "
        "over a row. A pull (`ackord statement pull`) lands nothing that contradicts them.",
    )
    checksum: StatementChecksum | None = Field(
        default=None, description="The file's digest, which a pull checks; only with `download`."
    )
    page_count: SelectorField | TotalPattern | None = Field(
        default=None,
        description="How many pages there are, with `counted: {by: page}`: a place, or `{regex: ...}` over a row above "
        "the movements of a table, which then may have pages too.",
    )
    parts: list[Annotated[str, Field(pattern=r"^[^/\s]{1,64}$")]] = Field(
        default=[],
        description="Into which statements an account's day is split, such as one a kind of account or a file: "
        "`${part}` in the request is each of them in turn.",
    )
    slice: Duration | None = Field(
        default=None,
        description="The longest period that one request may ask for: a day is then asked for in slices, the end of "
        "each left out.",
    )
    bounded: Flag = Field(
        default=True,
        description="Whether `at` of each movement lies in the period that was asked for: a pull lands no other.",
    )
    not_yet: Conditions | None = Field(
        default=None, description="What an answer meets that says that the statement is not made yet: it is late."
    )
    none: Conditions | None = Field(
        default=None, description="What an answer meets that says that nothing moved in the period."
    )
    window: Literal["day", "half_open", "closed"] = Field(
        default="day",
        description="What a period is: a calendar day, or from an instant to another, the end left out or not.",
    )
    available_after: str | None = Field(
        default=None,
        description="When it is complete, in words (`next day 10:00 Asia/Shanghai`), or how long after the end of its "
        "period (`500ms`). From then on it must not change. A run that reads it before proves "
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
        return by_kind or self.sign == "negative_out" or not {"amount_back", "direction"}.isdisjoint(self.columns)

    @property
    def refund_kind(self) -> str:
        """The kind of movement by which it shows refunds; empty: it does not show them."""
        return refund_kind_of("kind" in self.columns, self.kinds, self.shows_returns)

    @property
    def whole_after_ns(self) -> int | None:
        """How long after the end of its period it is whole; ``None`` where that is not said, or said in words."""
        try:
            return None if self.available_after is None else Duration(self.available_after).ns
        except ValueError:
            return None

    def to_core(self, *, beside_ledger: bool) -> StatementPromises:
        """As the judge needs it. ``beside_ledger``: movements are read from elsewhere."""
        pages = (("cursor", self.next), ("row", self.next_row), ("counted", self.counted))
        return StatementPromises(
            whole_after_ns=self.whole_after_ns,
            grows=self.available_after is None,
            paging=next((name for name, place in pages if place is not None), ""),
            totals=bool(self.totals),
            shows_returns=self.shows_returns,
            shows_refunds=bool(self.refund_kind),
            dated=self.bounded and "at" in self.columns,
            beside_ledger=beside_ledger,
        )

    def period_form(self) -> PeriodForm:
        """Return how the request writes a period."""
        request = self.request
        return period_form([repr((request.path, request.query, request.headers, request.body))], self.window)

    @model_validator(mode="before")
    @classmethod
    def _standard_columns(cls, data: Any) -> Any:
        """Give a standard's file its usual columns, whose amounts are decimal and whose times are days."""
        usual = STANDARD_COLUMNS.get(str(data.get("standard"))) if isinstance(data, dict) else None
        if usual is None or not isinstance(data.get("columns", {}), dict):
            return data
        dated = {} if "at" in data.get("columns", {}) else {"time_form": "%Y-%m-%d"}
        return {"money": "major", **dated, **data, "columns": {**usual, **data.get("columns", {})}}

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if [self.rows, self.csv, self.hook, self.standard].count(None) != 3:
            raise field_problem(
                "rows", "a statement has one form", expected="rows (JSON or XML), csv, standard or hook"
            )
        paged = check_next_page(self.request, next=self.next, next_row=self.next_row, counted=self.counted)
        table = self.csv is not None and self.counted is not None and self.page_count is not None
        if paged and not table and (self.rows is None or self.download is not None):
            raise field_problem(
                paged, "a file has no pages", expected="rows, and no download, or csv with counted and page_count"
            )
        if self.page_count is not None and (self.counted is None or self.counted.by != "page"):
            raise field_problem("page_count", "pages are not counted", expected="counted: {by: page} beside it")
        if isinstance(self.page_count, TotalPattern) and self.csv is None:
            raise field_problem("page_count", "only a table has rows above its movements", expected="a place")
        for name in ("download_hosts", "download_hosts_signed"):
            if getattr(self, name) and not (self.download if name == "download_hosts" else self.download_hosts):
                raise field_problem(name, "nothing is fetched there", expected="download, and hosts to fetch from")
        if self.zip_entry and self.compressed != "zip":
            raise field_problem("zip_entry", "the file is no zip", expected="compressed: zip beside it")
        return self

    @model_validator(mode="after")
    def _checks_fit(self) -> Self:
        for name, place in self.totals.items():
            if self.rows is not None and not isinstance(place, TotalPattern):
                place_text(place if isinstance(place, str) else place.at)
            elif self.csv is None or not isinstance(place, str | TotalPattern):
                where = "a table has rows, no places" if self.csv is not None else "only a table has such rows"
                raise field_problem(
                    "totals", f"{name}: {where}", expected="a place with rows; a cell or {regex: ...} with csv"
                )
        if self.checksum is not None and self.download is None:
            raise field_problem("checksum", "no answer names a file", expected="download beside it")
        if bool(self.parts) != self.request.speaks_of("part"):
            raise field_problem("parts", "it belongs to ${part} in the request", expected="both or neither")
        if self.slice is not None and self.window != "half_open":
            raise field_problem("slice", "only an instant ends a slice", expected="window: half_open")
        return self

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        missing = [name for name in ("movement_id", "amount") if name not in self.columns]
        table = self.csv is not None or self.standard is not None
        if table and "at" in self.columns and "movement_id" in missing:
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
