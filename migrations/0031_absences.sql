-- A doctor who is away: the hours are taken out of the schedule
-- (`shift_exception`); here is what becomes of each patient who was booked then.

CREATE TABLE absence (
    id        TEXT PRIMARY KEY NOT NULL,
    doctor_id TEXT NOT NULL REFERENCES resource (id),
    first_day TEXT NOT NULL,
    last_day  TEXT NOT NULL,
    starts    INTEGER,                     -- minute of the day; null: all day
    ends      INTEGER,
    reason    TEXT NOT NULL CHECK (reason IN ('sick', 'personal', 'training', 'other')),
    made_at   INTEGER NOT NULL,            -- Unix ms
    made_by   TEXT REFERENCES staff (id),
    closed_at INTEGER,                     -- Unix ms; null while somebody works on it
    closed_by TEXT REFERENCES staff (id),
    CHECK (first_day <= last_day),
    CHECK ((starts IS NULL) = (ends IS NULL))
) STRICT;

CREATE INDEX absence_open ON absence (first_day) WHERE closed_at IS NULL;

-- A visit that it concerns, as it stood; how it stands now is the
-- appointment's own to say.
CREATE TABLE absence_visit (
    absence_id     TEXT NOT NULL REFERENCES absence (id),
    appointment_id TEXT NOT NULL REFERENCES appointment (id),
    starts         TEXT NOT NULL CHECK (length(starts) = 16),
    told_at        INTEGER,                -- Unix ms; when it was decided to write, or not
    not_told       TEXT NOT NULL,          -- why nothing was written: a code; '' otherwise
    called_at      INTEGER,                -- Unix ms; somebody spoke with them
    called_by      TEXT REFERENCES staff (id),
    PRIMARY KEY (absence_id, appointment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX absence_visit_by_appointment ON absence_visit (appointment_id);
