"""Declares the guarantee that every answer fits the provider's OpenAPI document. ``ackord.workload.openapi_check``
judges it over raw answers, which an order's history does not hold.
"""

from __future__ import annotations

from ..core.history import OrderHistory
from ..core.promises import Promises
from .base import NOTHING, Guarantee, JudgeContext, Judgement

ID = "answers-match-schema"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    return NOTHING


def no_document(_: Promises) -> str:
    return "no OpenAPI document of the provider was given (--openapi, or openapi in the contract)"


GUARANTEE = Guarantee(
    ID,
    "Every answer fits the provider's own OpenAPI document",
    "An answer MUST have a content type and a body that the provider's OpenAPI document describes for "
    "the operation and the status code.",
    "A client that was generated from the document cannot read the answer: whether money moves is then "
    "unknown to it, or reads as a failure.",
    judge,
    not_applicable=no_document,
    exposure="An answer of an operation that the provider's OpenAPI document describes.",
)
