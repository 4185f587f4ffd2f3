-- Backups that were made or tried, and looks at whether they are still whole.

CREATE TABLE backup_run (
    id          TEXT PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('manual', 'nightly')),
    folder      TEXT NOT NULL,
    file        TEXT NOT NULL,            -- name of the archive in the folder
    started_at  INTEGER NOT NULL,         -- Unix ms
    finished_at INTEGER,                  -- Unix ms; null while it runs
    failure     TEXT,                     -- a stable code; null when it is good
    bytes       INTEGER,                  -- of the archive
    sha256      TEXT,                     -- of the archive, hex
    row_count   INTEGER,                  -- rows of all tables
    file_count  INTEGER,                  -- documents and pictures
    ledger_size INTEGER,
    drill_ms    INTEGER,                  -- how long the test restore took
    removed_at  INTEGER,                  -- Unix ms; null while the archive is kept
    CHECK ((finished_at IS NOT NULL AND failure IS NULL) = (sha256 IS NOT NULL)),
    CHECK (finished_at IS NOT NULL OR failure IS NULL)
) STRICT;

CREATE INDEX backup_run_by_start ON backup_run (started_at);

-- The archive was read again and compared with its signed note.
CREATE TABLE backup_check (
    id         TEXT PRIMARY KEY NOT NULL,
    run_id     TEXT NOT NULL REFERENCES backup_run (id),
    checked_at INTEGER NOT NULL,          -- Unix ms
    outcome    TEXT NOT NULL CHECK (outcome IN ('good', 'missing', 'altered', 'unsigned'))
) STRICT;

CREATE INDEX backup_check_by_run ON backup_check (run_id, checked_at);

-- Where backups go; the last row counts.
CREATE TABLE backup_folder (
    id      TEXT PRIMARY KEY NOT NULL,
    folder  TEXT NOT NULL,
    set_at  INTEGER NOT NULL              -- Unix ms
) STRICT;
