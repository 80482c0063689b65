-- People, the passwords sent to their phones, and the devices they are signed in on.
CREATE SCHEMA identity;

CREATE TABLE identity.users (
    id uuid PRIMARY KEY,
    phone text NOT NULL CONSTRAINT users_phone_key UNIQUE
        CONSTRAINT users_phone_form CHECK (phone ~ '^\+[1-9][0-9]{7,14}$'),
    name text CONSTRAINT users_name_length CHECK (length(name) BETWEEN 1 AND 60),
    is_admin boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);

CREATE TABLE identity.otp_challenges (
    id uuid PRIMARY KEY,
    phone text NOT NULL,
    code_hash bytea NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CONSTRAINT otp_attempts_count CHECK (attempts >= 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    -- Set when a newer password was asked for.
    void_at timestamptz,
    CONSTRAINT otp_used_or_void CHECK (used_at IS NULL OR void_at IS NULL)
);
CREATE INDEX otp_challenges_phone ON identity.otp_challenges (phone, created_at DESC);
CREATE INDEX otp_challenges_created_at ON identity.otp_challenges (created_at);
-- Only the newest password of a phone opens anything, also when two are asked for at once.
CREATE UNIQUE INDEX otp_challenges_one_open_per_phone ON identity.otp_challenges (phone)
    WHERE used_at IS NULL AND void_at IS NULL;

CREATE TABLE identity.sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id),
    device_name text NOT NULL
        CONSTRAINT sessions_device_name_length CHECK (length(device_name) BETWEEN 1 AND 60),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text CONSTRAINT sessions_end_reason CHECK (end_reason IN ('signed_out', 'token_reused')),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_user ON identity.sessions (user_id);

-- Only hashes are kept. A token that comes back after `used_at` was stolen or copied, unless the
-- answer to its first use was lost. A token that was replaced unused counts as used.
CREATE TABLE identity.refresh_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES identity.sessions (id),
    -- The token that was exchanged for this one. The first of a session has none.
    previous_hash bytea,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE UNIQUE INDEX refresh_tokens_one_unused ON identity.refresh_tokens (session_id)
    WHERE used_at IS NULL;
CREATE INDEX refresh_tokens_expires_at ON identity.refresh_tokens (expires_at);
