-- Follow-ups: "come again in six months", said by a doctor, to be booked by the
-- desk. The booking of such a visit closes it; what falls through opens it again.

CREATE TABLE follow_up (
    id         TEXT PRIMARY KEY NOT NULL,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    service_id TEXT NOT NULL REFERENCES service (id),
    doctor_id  TEXT NOT NULL REFERENCES resource (id), -- whom to come to
    after_id   TEXT REFERENCES appointment (id), -- the visit it came of; null: set from the card
    set_on     TEXT NOT NULL CHECK (length(set_on) = 10), -- day on which it was said, by the clinic's calendar
    due        TEXT NOT NULL CHECK (length(due) = 10), -- day on which they should come
    note       TEXT NOT NULL CHECK (note IN
        ('', 'checkup', 'hygiene', 'continued', 'healing', 'stitches', 'image', 'brace')), -- what for, in a code
    state      TEXT NOT NULL CHECK (state IN ('open', 'booked', 'closed')),
    booked_id  TEXT REFERENCES appointment (id), -- the visit that was booked for it
    lapse      TEXT NOT NULL CHECK (lapse IN ('', 'cancelled', 'no_show')), -- how the last visit booked for it fell through
    reason     TEXT NOT NULL CHECK (reason IN
        ('', 'declined', 'elsewhere', 'not_needed', 'unreachable', 'came', 'mistake')), -- why it was closed
    version    INTEGER NOT NULL CHECK (1 <= version),
    created_at INTEGER NOT NULL,              -- Unix ms
    created_by TEXT REFERENCES staff (id),
    ended_at   INTEGER,                       -- Unix ms; null while nobody closed it
    ended_by   TEXT REFERENCES staff (id),
    CHECK (set_on < due),
    CHECK ((state = 'booked') = (booked_id IS NOT NULL)),
    CHECK ((state = 'closed') = (reason <> '')),
    CHECK ((state = 'closed') = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX follow_up_open ON follow_up (due) WHERE state = 'open';
CREATE INDEX follow_up_by_patient ON follow_up (patient_id, service_id);
CREATE INDEX follow_up_by_booked ON follow_up (booked_id) WHERE booked_id IS NOT NULL;
