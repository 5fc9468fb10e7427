"""What is unique is unique in the database; a variant that promises less has less."""

from __future__ import annotations

from ackord.providers.service.behavior import ProviderBehavior
from ackord.providers.service.tables import REFUND_COLUMNS, refund_tables, schema
from ackord.providers.variants import variant_named


def test_a_number_is_unique_in_its_account_or_for_all() -> None:
    assert "UNIQUE INDEX orders_number ON orders (account, order_no)" in schema(unique_orders=True)
    assert "UNIQUE INDEX orders_number ON orders (order_no)" in schema(unique_orders=True, scoped=False)
    loose = schema(unique_orders=False)
    assert "UNIQUE INDEX" not in loose
    assert "CREATE TABLE keys" in loose


def test_a_refund_s_number_is_unique() -> None:
    assert "UNIQUE INDEX refunds_number" in refund_tables(unique_refunds=True)
    loose = refund_tables(unique_refunds=False)
    assert "UNIQUE" not in loose
    assert f"RETURNING {REFUND_COLUMNS};" in loose


def test_a_variant_has_its_own_tables() -> None:
    behavior = ProviderBehavior()
    assert "registry" in variant_named("order-registry").tables(behavior)
    assert "UNIQUE INDEX refunds" not in variant_named("refund-resubmitted-twice").tables(behavior)
    assert "taken_at" not in variant_named(None).tables(behavior)
    assert "taken_at" in variant_named("slow-landing").tables(behavior)
