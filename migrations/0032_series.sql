-- Series: visits of one patient for one service that were booked together,
-- "12 activations every 4 weeks". Whose they are, when and with whom is the
-- appointments' own to say; a visit that is moved or cancelled keeps its number.

CREATE TABLE series (
    id      TEXT PRIMARY KEY NOT NULL,     -- made by the form: sent twice, it books once
    every   INTEGER NOT NULL CHECK (every BETWEEN 1 AND 366),
    unit    TEXT NOT NULL CHECK (unit IN ('days', 'weeks')),
    made_at INTEGER NOT NULL,              -- Unix ms
    made_by TEXT REFERENCES staff (id)     -- null: from the console
) STRICT;

CREATE TABLE series_visit (
    series_id      TEXT NOT NULL REFERENCES series (id),
    position       INTEGER NOT NULL CHECK (1 <= position),
    -- No appointment is in two series.
    appointment_id TEXT NOT NULL UNIQUE REFERENCES appointment (id),
    PRIMARY KEY (series_id, position)
) STRICT, WITHOUT ROWID;
