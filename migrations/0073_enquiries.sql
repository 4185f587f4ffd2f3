-- People leave their number on the clinic's site to be called back. What they wrote
-- is a reply in a conversation of its own.
CREATE TABLE enquiry (
    reply_id        TEXT PRIMARY KEY NOT NULL REFERENCES reply (id) ON DELETE CASCADE,
    language        TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')), -- in which they asked
    consent_version INTEGER NOT NULL REFERENCES online_consent (version), -- what they agreed to as they sent it
    campaign        TEXT NOT NULL        -- JSON: where they came from
) STRICT, WITHOUT ROWID;

-- For the limits; forgotten after a day.
CREATE TABLE enquiry_count (
    asked_at  INTEGER NOT NULL,          -- Unix ms
    phone_key BLOB NOT NULL CHECK (length(phone_key) = 32), -- keyed digests
    net_key   BLOB NOT NULL CHECK (length(net_key) = 32),
    worked    INTEGER NOT NULL CHECK (worked IN (0, 1)) -- with proof of work
) STRICT;

CREATE INDEX enquiry_count_by_age ON enquiry_count (asked_at);

ALTER TABLE online_settings ADD COLUMN asks INTEGER NOT NULL DEFAULT 0
    CHECK (asks IN (0, 1)); -- whether the site's form is open
