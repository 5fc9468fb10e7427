"""Write the tables of the provider as SQL, and the function that takes a refund.

The rules that keep money safe stand here and in the statements of ``order_store``, and not in the service's memory: one
row for an account's order number (a unique index), one movement of a kind for a provider id (a unique key), movement
ids in the order of their commits (a counter row, locked until the commit), so that a reader's cursor never skips one,
one row for an account's refund number, and refunds never above the order's amount in sum (the order's row is locked
while one is taken).
"""

from __future__ import annotations

__all__ = ["POSITION", "REFUND_COLUMNS", "REGISTRY", "STATUS_CACHE", "TAKEN_AT", "refund_tables", "schema"]

POSITION = """\
(CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
 ELSE pg_current_wal_insert_lsn() END - '0/0')::bigint"""
"""SQL for how far a server is that may be a standby, or one that was promoted: a position in its log, in bytes."""
REFUND_COLUMNS = "refund_id, refund_no, order_id, account, order_no, amount, currency, node"
TAKEN_AT = "ALTER TABLE orders ADD COLUMN taken_at timestamptz NOT NULL DEFAULT clock_timestamp();"
STATUS_CACHE = "CREATE UNLOGGED TABLE status_cache (provider_id text PRIMARY KEY, status text NOT NULL);"
REGISTRY = """
CREATE TABLE registry (
  account text NOT NULL, order_no text NOT NULL, provider_id text NOT NULL,
  amount bigint NOT NULL, currency text NOT NULL,
  payee text NOT NULL, told int NOT NULL, node text NOT NULL, PRIMARY KEY (account, order_no)
);
"""


def schema(*, unique_orders: bool, scoped: bool = True) -> str:
    """Return the SQL of the tables.

    A provider without ``unique_orders`` must find duplicates by other means, such as ``keys``; ``scoped`` as in
    ``OrderStore``.
    """
    keys = """
CREATE TABLE keys (
  account text, order_no text, payload text, provider_id text NOT NULL, taken_at timestamptz NOT NULL,
  PRIMARY KEY (account, order_no, payload)
);
"""
    return f"""{"" if unique_orders else keys}
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY,
  provider_id text PRIMARY KEY,
  account text NOT NULL,
  order_no text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  payee text NOT NULL,
  status text NOT NULL,
  node text NOT NULL,
  deliveries int NOT NULL DEFAULT 1
) WITH (fillfactor = 50);
CREATE {"UNIQUE" if unique_orders else ""} INDEX orders_number ON orders ({"account, " if scoped else ""}order_no);
CREATE TABLE movements (
  id bigint PRIMARY KEY,
  account text NOT NULL,
  order_no text NOT NULL,
  provider_id text NOT NULL,
  amount bigint NOT NULL,
  kind text NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider_id, kind)
);
CREATE TABLE ledger_head (last bigint NOT NULL);
INSERT INTO ledger_head VALUES (0);
CREATE TABLE probe (n bigint NOT NULL, written_at timestamptz NOT NULL);
INSERT INTO probe VALUES (0, now());
"""


def refund_tables(*, unique_refunds: bool) -> str:
    """Return the SQL of the refunds; ``unique_refunds``: an account's refund number is one refund."""
    unique = "CREATE UNIQUE INDEX refunds_number ON refunds (account, refund_no) WHERE refund_no <> '';"
    return f"""
CREATE TABLE refunds (
  refund_id text PRIMARY KEY,
  refund_no text NOT NULL,
  order_id text NOT NULL,
  account text NOT NULL,
  order_no text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  node text NOT NULL
);
{unique if unique_refunds else ""}
CREATE INDEX refunds_order ON refunds (order_id);
CREATE FUNCTION take_refund(refund refunds) RETURNS SETOF refunds LANGUAGE plpgsql AS $$
DECLARE
  known orders%ROWTYPE;
BEGIN
  SELECT * INTO known FROM orders WHERE provider_id = refund.order_id FOR UPDATE;
  IF refund.refund_no <> '' THEN
    RETURN QUERY SELECT * FROM refunds r WHERE r.account = refund.account AND r.refund_no = refund.refund_no;
    IF FOUND THEN RETURN; END IF;
  END IF;
  IF known.status = 'PAID' AND refund.amount + coalesce(
    (SELECT sum(r.amount) FROM refunds r WHERE r.order_id = refund.order_id), 0) <= known.amount
  THEN
    RETURN QUERY INSERT INTO refunds SELECT refund.* ON CONFLICT DO NOTHING RETURNING {REFUND_COLUMNS};
  END IF;
END $$;
"""
