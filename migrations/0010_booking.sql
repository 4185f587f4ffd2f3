-- Appointments: who is treated when, by whom and where, what became of each,
-- and what each of them takes up.

-- A treatment slot agreed with a patient, in civil time: it stays at 09:30 when
-- the law moves the clock. It keeps its id when it moves; the place it left
-- stays behind as a row of its own, with the status `moved`.
CREATE TABLE appointment (
    id         TEXT PRIMARY KEY NOT NULL,
    branch_id  TEXT NOT NULL REFERENCES branch (id),
    patient_id TEXT NOT NULL REFERENCES patient (id),
    service_id TEXT REFERENCES service (id),  -- null where an imported journal names none we know
    doctor_id  TEXT REFERENCES resource (id), -- null where an imported journal names none
    place_id   TEXT REFERENCES resource (id), -- chair or room; null where none is kept
    starts     TEXT NOT NULL CHECK (length(starts) = 16), -- 2026-12-01T09:30
    minutes    INTEGER NOT NULL CHECK (minutes BETWEEN 5 AND 720),
    status     TEXT NOT NULL CHECK (status IN ('booked', 'confirmed', 'arrived', 'in_treatment',
                                               'completed', 'no_show', 'cancelled', 'moved')),
    moved_to   TEXT REFERENCES appointment (id), -- where it went; only of a place that was left
    source     TEXT NOT NULL CHECK (source IN
        ('phone', 'desk', 'messenger', 'online', 'recall', 'import')),
    comment    TEXT NOT NULL,                 -- for the doctor; '' where there is none
    notify     INTEGER NOT NULL CHECK (notify IN (0, 1)), -- whether the patient is written to about it
    version    INTEGER NOT NULL CHECK (1 <= version), -- one more with every change
    created_at INTEGER NOT NULL,              -- Unix ms
    CHECK ((status = 'moved') = (moved_to IS NOT NULL))
) STRICT;

CREATE INDEX appointment_by_time ON appointment (starts);
CREATE INDEX appointment_by_patient ON appointment (patient_id, starts);
CREATE INDEX appointment_by_moved ON appointment (moved_to) WHERE moved_to IS NOT NULL;

-- What happened to an appointment, and how it stood after that.
CREATE TABLE appointment_status (
    appointment_id TEXT NOT NULL REFERENCES appointment (id),
    version        INTEGER NOT NULL,
    at             INTEGER NOT NULL,          -- Unix ms
    staff_id       TEXT REFERENCES staff (id), -- null: the patient, a job or the console
    actor          TEXT NOT NULL,             -- role: reception, visitor, console …
    act            TEXT NOT NULL CHECK (act IN
        ('booked', 'overbooked', 'recorded', 'status', 'undone', 'moved', 'changed')),
    from_status    TEXT,                      -- null: it was made
    to_status      TEXT NOT NULL,
    reason         TEXT NOT NULL,             -- a code, or words; '' where none is asked for
    starts         TEXT NOT NULL,
    minutes        INTEGER NOT NULL,
    doctor_id      TEXT REFERENCES resource (id),
    place_id       TEXT REFERENCES resource (id),
    PRIMARY KEY (appointment_id, version)
) STRICT, WITHOUT ROWID;

-- Somebody decided that an appointment may lie over others, and why.
CREATE TABLE overbooking (
    appointment_id TEXT PRIMARY KEY NOT NULL REFERENCES appointment (id),
    at             INTEGER NOT NULL,          -- Unix ms
    staff_id       TEXT REFERENCES staff (id),
    reason         TEXT NOT NULL CHECK (reason <> '')
) STRICT;

-- Minutes that a service keeps free before and after itself: cleaning, preparing.
CREATE TABLE service_buffer (
    service_id     TEXT PRIMARY KEY NOT NULL REFERENCES service (id),
    before_minutes INTEGER NOT NULL CHECK (before_minutes BETWEEN 0 AND 120 AND before_minutes % 5 = 0),
    after_minutes  INTEGER NOT NULL CHECK (after_minutes BETWEEN 0 AND 120 AND after_minutes % 5 = 0)
) STRICT;

-- What an appointment takes up, buffers included, from `starts` until before
-- `ends`. Rows of earlier versions stay, no longer live.
CREATE TABLE reservation (
    appointment_id TEXT NOT NULL REFERENCES appointment (id),
    version        INTEGER NOT NULL,          -- of the appointment, when it took this up
    resource_id    TEXT NOT NULL REFERENCES resource (id),
    starts         TEXT NOT NULL CHECK (length(starts) = 16),
    ends           TEXT NOT NULL CHECK (length(ends) = 16),
    live           INTEGER NOT NULL CHECK (live IN (0, 1)),
    overbooked     INTEGER NOT NULL CHECK (overbooked IN (0, 1)),
    PRIMARY KEY (appointment_id, version, resource_id),
    CHECK (starts < ends),
    -- No longer than a day: the search below looks no further back.
    CHECK (ends <= strftime('%Y-%m-%dT%H:%M', starts, '+1 day'))
) STRICT, WITHOUT ROWID;

CREATE INDEX reservation_live ON reservation (resource_id, starts, ends) WHERE live = 1;

-- No two live reservations of one resource overlap, whoever asks: web, console,
-- import or a patient's link. Only an overbooking with its author and reason may.
CREATE TRIGGER reservation_overlaps_none BEFORE INSERT ON reservation
WHEN NEW.live = 1 AND (
    (NEW.overbooked = 0 AND EXISTS (
        SELECT 1 FROM reservation AS other
        WHERE other.live = 1 AND other.resource_id = NEW.resource_id
            AND other.starts < NEW.ends AND NEW.starts < other.ends
            AND strftime('%Y-%m-%dT%H:%M', NEW.starts, '-1 day') <= other.starts))
    OR (NEW.overbooked = 1 AND NOT EXISTS (
        SELECT 1 FROM overbooking WHERE overbooking.appointment_id = NEW.appointment_id)))
BEGIN
    SELECT RAISE(ABORT, 'resource_taken');
END;

CREATE TRIGGER reservation_stays_apart
BEFORE UPDATE OF resource_id, starts, ends, live, overbooked ON reservation
WHEN NEW.live = 1 AND (
    (NEW.overbooked = 0 AND EXISTS (
        SELECT 1 FROM reservation AS other
        WHERE other.live = 1 AND other.resource_id = NEW.resource_id
            AND other.starts < NEW.ends AND NEW.starts < other.ends
            AND strftime('%Y-%m-%dT%H:%M', NEW.starts, '-1 day') <= other.starts
            AND NOT (other.appointment_id = OLD.appointment_id AND other.version = OLD.version
                AND other.resource_id = OLD.resource_id)))
    OR (NEW.overbooked = 1 AND NOT EXISTS (
        SELECT 1 FROM overbooking WHERE overbooking.appointment_id = NEW.appointment_id)))
BEGIN
    SELECT RAISE(ABORT, 'resource_taken');
END;
