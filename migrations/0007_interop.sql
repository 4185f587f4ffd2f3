-- The clinic's own spreadsheets, brought in: what each run read, what it made
-- of each row, and what it added, so that it can be stopped, repeated and undone.

CREATE TABLE import_run (
    id         TEXT PRIMARY KEY NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('draft', 'running', 'stopping', 'stopped', 'done', 'undone')),
    files      TEXT NOT NULL CHECK (json_valid(files)), -- name, kind, blob and layouts of each
    total      INTEGER NOT NULL,           -- rows to go through; 0 while a draft
    done       INTEGER NOT NULL,           -- rows gone through
    staff_id   TEXT REFERENCES staff (id), -- null: the console
    created_at INTEGER NOT NULL,           -- Unix ms
    ended_at   INTEGER,                    -- Unix ms; null until done, stopped or undone
    kept       INTEGER NOT NULL DEFAULT 0  -- what undoing left, because it is in use
) STRICT;

-- What became of each row of a run, for its report.
CREATE TABLE import_row (
    run_id         TEXT NOT NULL REFERENCES import_run (id),
    position       INTEGER NOT NULL,
    file           TEXT NOT NULL,
    sheet          TEXT NOT NULL,
    row            INTEGER NOT NULL,       -- as the spreadsheet program numbers it
    verdict        TEXT NOT NULL CHECK (verdict IN ('taken', 'flagged', 'refused', 'skipped')),
    reasons        TEXT NOT NULL CHECK (json_valid(reasons)),
    source_key     TEXT NOT NULL,          -- '' for a skipped row
    added          INTEGER NOT NULL CHECK (added IN (0, 1)), -- 0: it was there from an earlier run
    patient_id     TEXT,                   -- null where there is no card
    appointment_id TEXT,                   -- null where there is no visit
    patient        TEXT NOT NULL,          -- as written
    day            TEXT,
    time           TEXT,
    doctor         TEXT NOT NULL,
    service        TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

-- Rows that are in the clinic's records now: a row is taken once.
CREATE TABLE import_key (
    source_key TEXT PRIMARY KEY NOT NULL,
    run_id     TEXT NOT NULL REFERENCES import_run (id),
    patient_id TEXT                        -- null for a line of a price list
) STRICT, WITHOUT ROWID;

CREATE INDEX import_key_by_run ON import_key (run_id);

-- What a run added; undoing takes it away again.
CREATE TABLE import_made (
    run_id TEXT NOT NULL REFERENCES import_run (id),
    kind   TEXT NOT NULL CHECK (kind IN ('patient', 'appointment', 'service', 'resource')),
    id     TEXT NOT NULL,
    PRIMARY KEY (run_id, kind, id)
) STRICT, WITHOUT ROWID;

-- Two cards that may be one person; somebody decides.
CREATE TABLE import_duplicate (
    run_id  TEXT NOT NULL REFERENCES import_run (id),
    a       TEXT NOT NULL,
    b       TEXT NOT NULL,
    score   REAL NOT NULL CHECK (0 <= score AND score <= 1),
    reasons TEXT NOT NULL CHECK (json_valid(reasons)),
    PRIMARY KEY (run_id, a, b)
) STRICT, WITHOUT ROWID;
