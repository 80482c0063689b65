-- Each person's own feed of messages. The row in `feeds` is locked by the transaction that appends,
-- so cursors of one person become visible in their order and without gaps.
CREATE SCHEMA realtime;

CREATE TABLE realtime.feeds (
    user_id uuid PRIMARY KEY REFERENCES identity.users (id),
    last_cursor bigint NOT NULL CONSTRAINT feeds_cursor CHECK (last_cursor >= 0),
    -- Messages up to here were removed because of their age.
    trimmed_to bigint NOT NULL DEFAULT 0,
    CONSTRAINT feeds_trimmed CHECK (trimmed_to BETWEEN 0 AND last_cursor)
);

CREATE TABLE realtime.messages (
    user_id uuid NOT NULL REFERENCES realtime.feeds (user_id),
    cursor bigint NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, cursor)
);
CREATE INDEX messages_created_at ON realtime.messages (created_at);
