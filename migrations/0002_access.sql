-- How members of staff prove who they are.

CREATE TABLE credential (
    staff_id       TEXT PRIMARY KEY NOT NULL REFERENCES staff (id),
    password_hash  TEXT NOT NULL,            -- PHC string, Argon2id
    must_change    INTEGER NOT NULL DEFAULT 0 CHECK (must_change IN (0, 1)), -- a one-time password
    totp_secret    BLOB,                     -- null until the second factor is set up
    totp_last_step INTEGER NOT NULL DEFAULT 0, -- a code is good once (RFC 6238 5.2)
    failures       INTEGER NOT NULL DEFAULT 0, -- since the last success
    last_failed_at INTEGER,                  -- Unix ms
    changed_at     INTEGER NOT NULL          -- Unix ms
) STRICT;
