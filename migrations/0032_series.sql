-- Series: visits that were booked together. With a rhythm they are one patient's
-- for one service, "12 activations every 4 weeks"; without one they stand on one
-- day, as a route through rooms or as a family. Whose they are, when and with whom
-- is the appointments' own to say; a visit that is moved or cancelled keeps its number.

CREATE TABLE series (
    id      TEXT PRIMARY KEY NOT NULL,     -- made by the form: sent twice, it books once
    every   INTEGER CHECK (every BETWEEN 1 AND 366), -- null: together on one day
    unit    TEXT CHECK (unit IN ('days', 'weeks')),
    made_at INTEGER NOT NULL,              -- Unix ms
    made_by TEXT REFERENCES staff (id),    -- null: from the console
    CHECK ((every IS NULL) = (unit IS NULL))
) STRICT;

CREATE TABLE series_visit (
    series_id      TEXT NOT NULL REFERENCES series (id),
    position       INTEGER NOT NULL CHECK (1 <= position),
    -- No appointment is in two series.
    appointment_id TEXT NOT NULL UNIQUE REFERENCES appointment (id),
    PRIMARY KEY (series_id, position)
) STRICT, WITHOUT ROWID;
