"""Define a contract's hooks: programs that disturb the provider's environment, and programs that undo it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..base.field_types import Duration, StrictModel, field_problem

__all__ = ["Action", "Hook", "HttpAction", "SqlAction"]


class HttpAction(StrictModel):
    """A control call."""

    url: Annotated[str, Field(pattern=r"^https?://")] = Field(description="The whole address.")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(default="POST", description="The HTTP method.")
    headers: dict[str, str] = Field(default={}, description="Headers.")
    body: str = Field(default="", description="The body, as it is sent.")


class SqlAction(StrictModel):
    """Statements for the provider's PostgreSQL."""

    dsn: Annotated[str, Field(pattern=r"^postgres(ql)?://")] = Field(
        description="`postgresql://user:password@host:port/database`; give the password as `${env:NAME}`."
    )
    statements: list[str] = Field(min_length=1, description="One after another, each in a transaction of its own.")


class Action(StrictModel):
    """One action: exactly one of the three."""

    http: HttpAction | None = Field(default=None, description="An HTTP call; any answer but 2xx is a failure.")
    sql: SqlAction | None = Field(default=None, description="SQL statements; an error is a failure.")
    command: Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None,
        description="A program and its arguments, run without a shell beside the contract's file; another exit code "
        "than 0 is a failure.",
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in ("http", "sql", "command") if getattr(self, name) is not None]
        if len(given) != 1:
            what = f"{' and '.join(given)} together" if given else "nothing to do"
            raise field_problem(given[0] if given else "command", what, expected="exactly one of http, sql, command")
        return self


class Hook(StrictModel):
    """A disturbance and its healing counterpart."""

    about: str = Field(min_length=1, description="What it does, in a sentence.")
    do: Action = Field(description="Disturbs.")
    undo: Action = Field(description="Takes that back. It must be safe to do twice, and when nothing was done.")
    measure: Action | None = Field(
        default=None,
        description="Tells whether the disturbance is in effect, such as a query of the standby's lag: it succeeds "
        "while it is, and fails while it is not. For `sql`, the first value of the last statement says so (true or "
        "false). Tried before `do` and after it; left out, nothing shows that the hook had an effect.",
    )
    timeout: Duration = Field(default=Duration("10s"), description="How long each may take.")
