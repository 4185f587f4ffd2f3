-- Codes of online booking go to phones that belong to nobody's card yet. And the
-- purposes of messages are listed once, in src/messaging/text: not here too.

CREATE TABLE message_state_before AS SELECT message_id, at, state, reason FROM message_state;
DROP TABLE message_state;

CREATE TABLE message_now (
    id          TEXT PRIMARY KEY NOT NULL,
    patient_id  TEXT REFERENCES patient (id), -- null for what goes to nobody's card
    purpose     TEXT NOT NULL CHECK (purpose <> ''), -- messaging::text::Purpose
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
    CHECK ((patient_id IS NULL) = (purpose IN ('trial', 'booking_code'))),
    CHECK ((leased_at IS NULL) = (state <> 'sending'))
) STRICT;

INSERT INTO message_now SELECT id, patient_id, purpose, object_kind, object_id, object_stamp,
    channel, language, phone, text, secret, reference, state, reason, created_at, due_at,
    not_after, leased_at, attempts, asked, gateway, provider_id, parts, cost, report_hash
FROM message;
DROP TABLE message;
ALTER TABLE message_now RENAME TO message;

CREATE INDEX message_to_do ON message (due_at)
    WHERE state IN ('queued', 'accepted', 'uncertain');
CREATE INDEX message_sending ON message (leased_at) WHERE state = 'sending';
CREATE INDEX message_by_patient ON message (patient_id, created_at);
CREATE INDEX message_by_object ON message (object_kind, object_id, created_at);

CREATE TABLE message_state (
    message_id TEXT NOT NULL REFERENCES message (id),
    at         INTEGER NOT NULL,          -- Unix ms
    state      TEXT NOT NULL,
    reason     TEXT
) STRICT;

INSERT INTO message_state SELECT message_id, at, state, reason FROM message_state_before;
DROP TABLE message_state_before;
CREATE INDEX message_state_by_message ON message_state (message_id, at);
