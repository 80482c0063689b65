-- What every context uses: guards for append-only tables, and the memory of idempotency keys.
CREATE SCHEMA platform;

CREATE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END
$$;

-- One row per request that created something. It is written in the transaction of that request, so
-- a request that failed leaves no row and may be sent again under the same key.
CREATE TABLE platform.idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 100),
    operation text NOT NULL,
    request_hash bytea NOT NULL,
    response jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at ON platform.idempotency_keys (created_at);
