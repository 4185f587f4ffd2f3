-- What the clinic's machine found when it looked at itself, each night and when
-- somebody asked. Whole runs: one row of each check.
CREATE TABLE self_check (
    check_name TEXT NOT NULL CHECK (check_name IN ('overlaps', 'pages', 'ledger')),
    at         INTEGER NOT NULL,  -- Unix ms, when it was through
    wrong      INTEGER NOT NULL CHECK (wrong >= 0), -- how many things were wrong
    took_ms    INTEGER NOT NULL CHECK (took_ms >= 0),
    PRIMARY KEY (check_name, at)
) STRICT, WITHOUT ROWID;
