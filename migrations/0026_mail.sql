-- E-mail: to the clinic's own people, and to those outside who keep checkpoints
-- of the ledger. Nothing here is about a patient.

-- The one server that takes the clinic's mail, if any.
CREATE TABLE mail_server (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    host       TEXT NOT NULL,
    port       INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    tls        TEXT NOT NULL CHECK (tls IN ('implicit', 'starttls', 'none')), -- none: this machine only
    username   TEXT NOT NULL,             -- '' where the server asks nobody
    password   TEXT NOT NULL,             -- goes in, is never shown
    sender     TEXT NOT NULL,             -- the address that letters come from
    ca         TEXT,                      -- PEM: the only authority trusted; null: the system's
    changed_at INTEGER NOT NULL           -- Unix ms
) STRICT;

-- Where a member of staff reads mail: known once a code that was sent there was
-- typed here. Until then the address before it holds.
CREATE TABLE staff_mail (
    staff_id     TEXT PRIMARY KEY NOT NULL REFERENCES staff (id),
    address      TEXT,                    -- null: none was confirmed
    confirmed_at INTEGER,                 -- Unix ms
    wanted       TEXT,                    -- waits for its code
    code_hash    BLOB CHECK (length(code_hash) = 32), -- HMAC-SHA-256 over person, address and code
    letter_id    TEXT,                    -- that carries the code
    asked_at     INTEGER,                 -- Unix ms
    tries        INTEGER NOT NULL DEFAULT 0, -- wrong codes; five end it
    CHECK ((address IS NULL) = (confirmed_at IS NULL)),
    CHECK ((wanted IS NULL) = (code_hash IS NULL))
) STRICT;

-- Who gets checkpoints outside the clinic: an auditor, a lawyer, a second office.
-- Rows stay: they say who could have contradicted a rewritten ledger, and when.
CREATE TABLE mail_outside (
    id       TEXT PRIMARY KEY NOT NULL,
    name     TEXT NOT NULL,
    address  TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    every    TEXT NOT NULL CHECK (every IN ('day', 'week')),
    added_at INTEGER NOT NULL,            -- Unix ms
    added_by TEXT REFERENCES staff (id),
    ended_at INTEGER,                     -- Unix ms
    ended_by TEXT REFERENCES staff (id)
) STRICT;

CREATE UNIQUE INDEX mail_outside_once ON mail_outside (address) WHERE ended_at IS NULL;

-- One row for each letter, from the moment it is wanted.
CREATE TABLE letter (
    id         TEXT PRIMARY KEY NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN
        ('trial', 'code', 'moved', 'emergency', 'checkpoint', 'farewell')),
    staff_id   TEXT REFERENCES staff (id),           -- to whom: one of these,
    outside_id TEXT REFERENCES mail_outside (id),
    address    TEXT,                      -- or this; else as it is known when it leaves
    about      TEXT,                      -- what it tells of: an emergency's id, a checkpoint's size
    language   TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    secret     TEXT,                      -- the part of the body to be taken out once it left
    attached   TEXT,                      -- a text file that goes with it
    state      TEXT NOT NULL CHECK (state IN
        ('queued', 'sending', 'accepted', 'failed', 'uncertain', 'expired', 'withheld')),
    reason     TEXT,                      -- a code: why it is in this state
    said       TEXT,                      -- the server's own words
    sent_to    TEXT,                      -- the address it was handed over for
    created_at INTEGER NOT NULL,          -- Unix ms, like all below
    since      INTEGER NOT NULL,          -- when it came into this state
    due_at     INTEGER,                   -- when to try next; null: nobody needs to
    not_after  INTEGER NOT NULL,          -- of no use later
    leased_at  INTEGER,                   -- a worker took it, and may have died
    attempts   INTEGER NOT NULL DEFAULT 0,
    CHECK (staff_id IS NOT NULL OR outside_id IS NOT NULL OR address IS NOT NULL),
    CHECK ((leased_at IS NULL) = (state <> 'sending')),
    CHECK ((due_at IS NULL) = (state <> 'queued'))
) STRICT;

CREATE INDEX letter_to_do ON letter (due_at) WHERE state = 'queued';
CREATE INDEX letter_sending ON letter (leased_at) WHERE state = 'sending';
CREATE INDEX letter_by_time ON letter (created_at);
CREATE INDEX letter_of_staff ON letter (staff_id, kind, created_at) WHERE staff_id IS NOT NULL;
CREATE INDEX letter_of_outside ON letter (outside_id, kind, created_at) WHERE outside_id IS NOT NULL;
