-- A doctor who runs late. Times of visits stay as they were booked: moved, they
-- would give what lies before them to somebody else. How late the doctor is
-- stands beside them, with what each patient still to come was told of it.

CREATE TABLE lateness (
    doctor_id TEXT NOT NULL REFERENCES resource (id),
    day       TEXT NOT NULL CHECK (length(day) = 10), -- by the clinic's calendar
    minutes   INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 240), -- 0: caught up
    set_at    INTEGER NOT NULL,            -- Unix ms
    set_by    TEXT REFERENCES staff (id),
    PRIMARY KEY (doctor_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE lateness_visit (
    appointment_id TEXT PRIMARY KEY NOT NULL REFERENCES appointment (id),
    doctor_id TEXT NOT NULL REFERENCES resource (id),
    starts    TEXT NOT NULL CHECK (length(starts) = 16), -- of the visit when they were told
    minutes   INTEGER NOT NULL CHECK (0 <= minutes), -- what they know; 0: that it begins in time
    was       INTEGER NOT NULL CHECK (0 <= was), -- what they knew before
    told_at   INTEGER,                     -- Unix ms; null: the message did not leave
    not_told  TEXT NOT NULL                -- why nothing was written: a code; '' otherwise
) STRICT, WITHOUT ROWID;
