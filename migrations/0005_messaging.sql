-- Messages to patients: the outbox, what became of each message, the gateway,
-- the wording, and the links patients answer by.

-- One row for each message, from the moment it is wanted. Numbers and texts
-- lie in the encrypted database like everything else; what opens something (a
-- code, a link's token) is taken out of the text once the message has left.
CREATE TABLE message (
    id          TEXT PRIMARY KEY NOT NULL,
    patient_id  TEXT REFERENCES patient (id), -- null only for a trial of the gateway
    purpose     TEXT NOT NULL CHECK (purpose IN
        ('booking_made', 'booking_moved', 'booking_cancelled', 'consent_code', 'trial')),
    object_kind TEXT NOT NULL,            -- what it is about: appointment, consent, gateway
    object_id   TEXT NOT NULL,
    object_stamp TEXT NOT NULL,           -- how that stood when this was written; '' when it does not matter
    channel     TEXT NOT NULL CHECK (channel IN ('sms')),
    language    TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    phone       TEXT NOT NULL,            -- E.164
    text        TEXT NOT NULL,
    secret      TEXT,                     -- the part of the text to be taken out
    reference   INTEGER NOT NULL UNIQUE CHECK (reference BETWEEN 1 AND 2147483647),
    state       TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'delivered',
                                               'failed', 'uncertain', 'expired', 'withheld')),
    reason      TEXT,                     -- a code: why it is in this state
    created_at  INTEGER NOT NULL,         -- Unix ms, like all below
    due_at      INTEGER,                  -- when to do the next thing about it: send, or ask; null: nothing
    not_after   INTEGER NOT NULL,         -- of no use to the patient later
    leased_at   INTEGER,                  -- a worker took it, and may have died
    attempts    INTEGER NOT NULL DEFAULT 0,
    asked       INTEGER NOT NULL DEFAULT 0, -- times the gateway was asked about it
    gateway     TEXT,                     -- the kind that took it
    provider_id TEXT,
    parts       INTEGER,                  -- SMS billed
    cost        INTEGER,                  -- tiyn
    report_hash BLOB UNIQUE,              -- SHA-256 of the token in its dlr-url
    CHECK ((patient_id IS NULL) = (purpose = 'trial')),
    CHECK ((leased_at IS NULL) = (state <> 'sending'))
) STRICT;

CREATE INDEX message_to_do ON message (due_at)
    WHERE state IN ('queued', 'accepted', 'uncertain');
CREATE INDEX message_sending ON message (leased_at) WHERE state = 'sending';
CREATE INDEX message_by_patient ON message (patient_id, created_at);
CREATE INDEX message_by_object ON message (object_kind, object_id, created_at);

-- Every state a message has been in, and why.
CREATE TABLE message_state (
    message_id TEXT NOT NULL REFERENCES message (id),
    at         INTEGER NOT NULL,          -- Unix ms
    state      TEXT NOT NULL,
    reason     TEXT
) STRICT;

CREATE INDEX message_state_by_message ON message_state (message_id, at);

-- The one gateway in use, if any.
CREATE TABLE gateway (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    kind       TEXT NOT NULL CHECK (kind IN ('smsc', 'kannel', 'demo')),
    endpoint   TEXT NOT NULL,
    username   TEXT NOT NULL,
    password   TEXT NOT NULL,             -- goes in, is never shown
    sender     TEXT,
    report_url TEXT,                      -- where Kannel reaches this machine
    changed_at INTEGER NOT NULL           -- Unix ms
) STRICT;

-- The clinic's own wording; where there is none, the program's stands. Earlier
-- wordings stay.
CREATE TABLE message_text (
    purpose    TEXT NOT NULL,
    language   TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    source     TEXT,                      -- null: back to the program's own
    changed_at INTEGER NOT NULL,          -- Unix ms
    changed_by TEXT REFERENCES staff (id)
) STRICT;

CREATE INDEX message_text_latest ON message_text (purpose, language, changed_at);

-- Links that open one appointment to whoever holds them, until they expire.
CREATE TABLE answer_link (
    token_hash     BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32), -- SHA-256
    patient_id     TEXT NOT NULL REFERENCES patient (id),
    appointment_id TEXT NOT NULL,
    language       TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    created_at     INTEGER NOT NULL,      -- Unix ms
    expires_at     INTEGER NOT NULL       -- Unix ms
) STRICT, WITHOUT ROWID;

CREATE INDEX answer_link_by_appointment ON answer_link (appointment_id);
