-- Booking by dialogue over WhatsApp: switched on by the clinic.
ALTER TABLE whatsapp_app ADD COLUMN talks INTEGER NOT NULL DEFAULT 0 CHECK (talks IN (0, 1));
-- Strangers are asked what they need when they write for the first time.
ALTER TABLE whatsapp_app ADD COLUMN greets INTEGER NOT NULL DEFAULT 0 CHECK (greets IN (0, 1));

-- What is answered in conversations: each thing that was heard once, and never again what may have arrived.
CREATE TABLE whatsapp_speech (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    heard    TEXT NOT NULL UNIQUE,       -- Meta's number of what it answers
    phone    TEXT NOT NULL,              -- E.164
    body     TEXT NOT NULL,              -- JSON: words and choices; '' once it was said, or will not be
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'said', 'uncertain', 'refused', 'late')),
    attempts INTEGER NOT NULL DEFAULT 0,
    made_at  INTEGER NOT NULL            -- Unix ms: forgotten a day later
) STRICT;

CREATE INDEX whatsapp_speech_by_age ON whatsapp_speech (made_at);
