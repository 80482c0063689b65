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
    attempts smallint NOT NULL DEFAULT 0 CONSTRAINT otp_attempts_count CHECK (attempts >= 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX otp_challenges_phone ON identity.otp_challenges (phone, created_at DESC);

CREATE TABLE identity.sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES identity.users (id),
    device_name text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text CONSTRAINT sessions_end_reason CHECK (end_reason IN ('signed_out', 'token_reused')),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_user ON identity.sessions (user_id);

-- Only hashes are kept. A token that comes back after `used_at` was stolen or copied.
CREATE TABLE identity.refresh_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES identity.sessions (id),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE UNIQUE INDEX refresh_tokens_one_unused ON identity.refresh_tokens (session_id)
    WHERE used_at IS NULL;
