-- The waiting list: who would come if there were time, what became free, and to
-- whom it was offered.

-- How the clinic offers what became free. One row.
CREATE TABLE waitlist_rule (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    automatic      INTEGER NOT NULL CHECK (automatic IN (0, 1)), -- or by hand only
    at_once        INTEGER NOT NULL CHECK (at_once BETWEEN 1 AND 10), -- how many are asked for one time; 1: in turn
    answer_minutes INTEGER NOT NULL CHECK (answer_minutes BETWEEN 5 AND 1440),
    notice_minutes INTEGER NOT NULL CHECK (notice_minutes BETWEEN 0 AND 2880), -- nobody is asked for a sooner time
    quiet_from     INTEGER NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439), -- minute of the day; nothing is sent
    quiet_until    INTEGER NOT NULL CHECK (quiet_until BETWEEN 0 AND 1439),
    changed_at     INTEGER NOT NULL,       -- Unix ms; 0 as shipped
    changed_by     TEXT REFERENCES staff (id)
) STRICT;

INSERT INTO waitlist_rule VALUES (1, 1, 1, 30, 120, 1260, 540, 0, NULL);

-- What somebody waits for.
CREATE TABLE waitlist_wish (
    id             TEXT PRIMARY KEY NOT NULL,
    patient_id     TEXT NOT NULL REFERENCES patient (id),
    service_id     TEXT NOT NULL REFERENCES service (id),
    doctor_id      TEXT REFERENCES resource (id), -- null: any who does it
    appointment_id TEXT REFERENCES appointment (id), -- one they have and would have sooner; null: none yet
    weekdays       TEXT NOT NULL CHECK (weekdays <> ''), -- '12345': 1 is Monday (ISO 8601)
    from_minute    INTEGER NOT NULL CHECK (0 <= from_minute), -- of the day; comes no sooner
    until_minute   INTEGER NOT NULL CHECK (until_minute <= 1440), -- and has to be done by
    first_day      TEXT NOT NULL,
    last_day       TEXT NOT NULL,
    priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2), -- 2 is asked first
    note           TEXT NOT NULL CHECK (note IN ('', 'pain', 'continued', 'sooner', 'child', 'travels', 'flexible')),
    channel        TEXT NOT NULL CHECK (channel IN ('sms', 'call')), -- call: asked not to be written to
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'booked', 'withdrawn', 'expired')),
    reason         TEXT NOT NULL,          -- of the end: a code; '' while it waits
    booked_id      TEXT REFERENCES appointment (id), -- what came of it
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,       -- Unix ms
    created_by     TEXT REFERENCES staff (id),
    ended_at       INTEGER,                -- Unix ms; null while it waits
    ended_by       TEXT REFERENCES staff (id), -- null: the patient, or the clock
    CHECK (from_minute < until_minute),
    CHECK (first_day <= last_day),
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK ((state = 'booked') = (booked_id IS NOT NULL))
) STRICT;

CREATE INDEX waitlist_wish_waiting ON waitlist_wish (priority DESC, created_at) WHERE state = 'waiting';
CREATE INDEX waitlist_wish_by_patient ON waitlist_wish (patient_id, created_at);

-- Time of a doctor's that became free, or that somebody offers by hand.
CREATE TABLE waitlist_opening (
    id        TEXT PRIMARY KEY NOT NULL,
    doctor_id TEXT NOT NULL REFERENCES resource (id),
    starts    TEXT NOT NULL CHECK (length(starts) = 16),
    ends      TEXT NOT NULL CHECK (length(ends) = 16),
    cause     TEXT NOT NULL CHECK (cause IN ('cancelled', 'moved', 'no_show', 'shift', 'desk')),
    state     TEXT NOT NULL CHECK (state IN ('open', 'held', 'closed')), -- held: quiet hours
    reason    TEXT NOT NULL,               -- of the end: a code; '' before
    opened_at INTEGER NOT NULL,            -- Unix ms
    CHECK (starts < ends)
) STRICT;

CREATE INDEX waitlist_opening_live ON waitlist_opening (doctor_id, starts) WHERE state <> 'closed';

-- A time offered to somebody, or why it was not.
CREATE TABLE waitlist_offer (
    id             TEXT PRIMARY KEY NOT NULL,
    opening_id     TEXT NOT NULL REFERENCES waitlist_opening (id),
    wish_id        TEXT NOT NULL REFERENCES waitlist_wish (id),
    doctor_id      TEXT NOT NULL REFERENCES resource (id),
    starts         TEXT NOT NULL CHECK (length(starts) = 16),
    minutes        INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN
        ('offered', 'accepted', 'declined', 'expired', 'taken', 'withdrawn', 'not_sent')),
    reason         TEXT NOT NULL,          -- why it was not sent, or withdrawn: a code
    token_hash     BLOB UNIQUE CHECK (length(token_hash) = 32), -- SHA-256; null: not sent
    language       TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    offered_at     INTEGER NOT NULL,       -- Unix ms
    expires_at     INTEGER NOT NULL,
    answered_at    INTEGER,
    made_by        TEXT REFERENCES staff (id), -- null: by itself
    appointment_id TEXT REFERENCES appointment (id) -- what came of it
) STRICT;

-- Nobody has two offers to think about at a time.
CREATE UNIQUE INDEX waitlist_offer_one_each ON waitlist_offer (wish_id) WHERE state = 'offered';
CREATE INDEX waitlist_offer_by_wish ON waitlist_offer (wish_id, offered_at);
CREATE INDEX waitlist_offer_by_opening ON waitlist_offer (opening_id);
CREATE INDEX waitlist_offer_live ON waitlist_offer (doctor_id, starts) WHERE state = 'offered';
