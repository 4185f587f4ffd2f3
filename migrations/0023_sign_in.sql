-- More of how members of staff prove who they are: codes for a lost phone, the
-- browsers they use, and a short number for the desk they share.

-- Ten at a time; each good once, in place of the second factor.
CREATE TABLE recovery_code (
    staff_id TEXT NOT NULL REFERENCES staff (id),
    hash     BLOB NOT NULL CHECK (length(hash) = 32), -- SHA-256
    made_at  INTEGER NOT NULL,            -- Unix ms
    used_at  INTEGER,                     -- Unix ms; null while it is good
    PRIMARY KEY (staff_id, hash)
) STRICT, WITHOUT ROWID;

-- A browser that somebody has signed in on. What is tried on it has a budget of
-- its own, so that a stranger's guesses lock nobody out (SECURITY.md 5.5).
CREATE TABLE known_device (
    token_hash   BLOB NOT NULL CHECK (length(token_hash) = 32), -- SHA-256 of its cookie
    staff_id     TEXT NOT NULL REFERENCES staff (id),
    device       TEXT,                    -- the browser, in a few words
    first_at     INTEGER NOT NULL,        -- Unix ms
    last_at      INTEGER NOT NULL,        -- Unix ms
    forgotten_at INTEGER,                 -- Unix ms; its owner took the trust back
    PRIMARY KEY (token_hash, staff_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX known_device_of ON known_device (staff_id);

-- Six digits that open one's own locked session, on that one browser, and only
-- while it lasts.
CREATE TABLE pin (
    staff_id TEXT PRIMARY KEY NOT NULL REFERENCES staff (id),
    hash     TEXT NOT NULL,               -- PHC string, Argon2id over an HMAC with the pepper
    set_at   INTEGER NOT NULL,            -- Unix ms
    failures INTEGER NOT NULL DEFAULT 0   -- since the last success; five end it
) STRICT;

-- The browser that a session was started on; null before this migration.
ALTER TABLE session ADD COLUMN desk_hash BLOB CHECK (length(desk_hash) = 32);
