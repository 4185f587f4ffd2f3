-- Booking by dialogue: one conversation for each chat of a messenger.
CREATE TABLE dialogue (
    channel      TEXT NOT NULL CHECK (channel IN ('telegram', 'whatsapp')),
    chat         TEXT NOT NULL,              -- the messenger's own name of it
    phone        TEXT NOT NULL,              -- E.164: proven by the messenger
    kept         TEXT NOT NULL,              -- JSON: what was chosen and typed, what is offered
    turned_at    INTEGER NOT NULL,           -- Unix ms: forgotten a day later
    PRIMARY KEY (channel, chat)
) STRICT, WITHOUT ROWID;

CREATE INDEX dialogue_by_age ON dialogue (turned_at);
