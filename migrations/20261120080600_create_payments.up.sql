-- The ledger, and how each trip is paid. Amounts are minor units; what one account gains another
-- one loses, in the same currency and the same transaction.
CREATE SCHEMA payments;

CREATE TABLE payments.accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CONSTRAINT accounts_kind CHECK (kind IN
        ('rider_receivable', 'driver_balance', 'platform_revenue', 'tax_payable')),
    -- The rider or driver; the platform's own accounts have none.
    owner_id uuid REFERENCES identity.users (id),
    currency text NOT NULL CONSTRAINT accounts_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT accounts_owned CHECK
        ((kind IN ('rider_receivable', 'driver_balance')) = (owner_id IS NOT NULL)),
    CONSTRAINT accounts_key UNIQUE NULLS NOT DISTINCT (kind, owner_id, currency)
);

CREATE TABLE payments.transactions (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT transactions_kind CHECK (kind IN ('trip_charge', 'cash_payment')),
    trip_id uuid NOT NULL REFERENCES trips.trips (id),
    created_at timestamptz NOT NULL,
    CONSTRAINT transactions_once_per_trip UNIQUE (trip_id, kind)
);

-- Positive amounts are debits, negative ones credits.
CREATE TABLE payments.entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_id uuid NOT NULL REFERENCES payments.transactions (id),
    account_id bigint NOT NULL REFERENCES payments.accounts (id),
    currency text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT entries_not_zero CHECK (amount_minor <> 0)
);
CREATE INDEX entries_of_transaction ON payments.entries (transaction_id);
CREATE INDEX entries_of_account ON payments.entries (account_id, id);

CREATE FUNCTION payments.refuse_imbalance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted uuid;
    off record;
BEGIN
    IF TG_TABLE_NAME = 'transactions' THEN
        wanted := NEW.id;
    ELSE
        wanted := NEW.transaction_id;
    END IF;
    IF NOT EXISTS (SELECT FROM payments.entries WHERE transaction_id = wanted) THEN
        RAISE EXCEPTION 'ledger transaction % has no entries', wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
    END IF;
    SELECT e.currency, sum(e.amount_minor) AS amount INTO off
        FROM payments.entries e WHERE e.transaction_id = wanted
        GROUP BY e.currency HAVING sum(e.amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger transaction % is off by % %', wanted, off.amount, off.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
    END IF;
    IF EXISTS (
        SELECT FROM payments.entries e JOIN payments.accounts a ON a.id = e.account_id
        WHERE e.transaction_id = wanted AND a.currency <> e.currency
    ) THEN
        RAISE EXCEPTION 'ledger transaction % mixes currencies in an account', wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER transactions_balance AFTER INSERT ON payments.transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.refuse_imbalance();
CREATE CONSTRAINT TRIGGER entries_balance AFTER INSERT ON payments.entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.refuse_imbalance();

CREATE TRIGGER transactions_append_only BEFORE UPDATE OR DELETE ON payments.transactions
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER transactions_no_truncate BEFORE TRUNCATE ON payments.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON payments.entries
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON payments.entries
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TABLE payments.trip_payments (
    id uuid PRIMARY KEY,
    trip_id uuid NOT NULL CONSTRAINT trip_payments_once UNIQUE REFERENCES trips.trips (id),
    rider_id uuid NOT NULL REFERENCES identity.users (id),
    driver_id uuid NOT NULL REFERENCES fleet.drivers (id),
    method text NOT NULL CONSTRAINT trip_payments_method CHECK (method IN ('cash')),
    status text NOT NULL CONSTRAINT trip_payments_status CHECK (status IN ('due', 'paid')),
    amount_minor bigint NOT NULL CONSTRAINT trip_payments_amount CHECK (amount_minor >= 0),
    currency text NOT NULL,
    created_at timestamptz NOT NULL,
    paid_at timestamptz,
    CONSTRAINT trip_payments_paid CHECK ((status = 'paid') = (paid_at IS NOT NULL))
);
