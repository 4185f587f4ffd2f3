-- WhatsApp beside SMS: which of the two carries a message is decided as it leaves.

ALTER TABLE message RENAME COLUMN channel TO channel_before;
ALTER TABLE message ADD COLUMN channel TEXT NOT NULL DEFAULT 'sms'
    CHECK (channel IN ('sms', 'whatsapp'));
ALTER TABLE message DROP COLUMN channel_before;

-- The values that may leave the country in a template (KAZAKHSTAN.md 3.5): JSON,
-- forgotten together with the text's secret.
ALTER TABLE message ADD COLUMN neutral TEXT;

-- WhatsApp had its turn: refused, failed, or not delivered in time.
ALTER TABLE message ADD COLUMN whatsapp_over INTEGER NOT NULL DEFAULT 0
    CHECK (whatsapp_over IN (0, 1));

-- The clinic's app with Meta. The number and its token are a gateway's.
CREATE TABLE whatsapp_app (
    id                  INTEGER PRIMARY KEY CHECK (id = 1),
    business_account_id TEXT NOT NULL,
    app_secret          TEXT NOT NULL,       -- goes in, is never shown; '' none: nothing is heard
    verify_token        TEXT NOT NULL,       -- what Meta says when it asks for the address
    wait_minutes        INTEGER NOT NULL CHECK (wait_minutes BETWEEN 1 AND 1440), -- then SMS
    to_all              INTEGER NOT NULL CHECK (to_all IN (0, 1)), -- also to those who chose nothing
    changed_at          INTEGER NOT NULL     -- Unix ms
) STRICT;

-- Templates as Meta approved them, one for each purpose and language.
CREATE TABLE whatsapp_template (
    purpose    TEXT NOT NULL CHECK (purpose <> ''),
    language   TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    name       TEXT NOT NULL CHECK (name <> ''),
    code       TEXT NOT NULL CHECK (code <> ''), -- Meta's code of the language
    category   TEXT NOT NULL CHECK (category IN ('utility', 'marketing')),
    parameters TEXT NOT NULL,                -- JSON: names of neutral variables, in order
    buttons    INTEGER NOT NULL CHECK (buttons IN (0, 1)), -- confirm, move, cancel
    PRIMARY KEY (purpose, language)
) STRICT, WITHOUT ROWID;

-- How a patient wants to be written to; no row: as the clinic does.
CREATE TABLE channel_choice (
    patient_id TEXT PRIMARY KEY NOT NULL REFERENCES patient (id),
    channel    TEXT NOT NULL CHECK (channel IN ('sms', 'whatsapp')),
    at         INTEGER NOT NULL              -- Unix ms
) STRICT, WITHOUT ROWID;

-- What a messenger told the public door: kept first, worked through afterwards.
CREATE TABLE webhook_event (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT NOT NULL CHECK (source IN ('whatsapp', 'instagram')),
    sha256      BLOB NOT NULL CHECK (length(sha256) = 32), -- of the body: the same is heard once
    body        TEXT NOT NULL,               -- '' once it was worked through
    received_at INTEGER NOT NULL,            -- Unix ms, like all below
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'aside')),
    reason      TEXT,                        -- a code: why it was put aside
    attempts    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, sha256)
) STRICT;

CREATE INDEX webhook_event_by_age ON webhook_event (received_at);

-- What the buttons of a template mean: opaque to Meta, good for one thing.
CREATE TABLE whatsapp_button (
    token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32), -- SHA-256
    message_id TEXT NOT NULL REFERENCES message (id),
    action     TEXT NOT NULL CHECK (action IN ('confirm', 'move', 'cancel')),
    expires_at INTEGER NOT NULL              -- Unix ms
) STRICT, WITHOUT ROWID;

CREATE INDEX whatsapp_button_by_message ON whatsapp_button (message_id);
