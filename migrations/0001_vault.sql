-- Who works here, who is signed in, what each of them did, and what is to be
-- done later: the tables of the vault itself.

CREATE TABLE staff (
    id          TEXT PRIMARY KEY NOT NULL,
    login       TEXT NOT NULL UNIQUE,     -- lower case
    name        TEXT NOT NULL,            -- as it stands in the access log for good
    role        TEXT NOT NULL CHECK (role IN
        ('owner', 'reception', 'doctor', 'marketer', 'cashier', 'compliance', 'sysadmin')),
    language    TEXT NOT NULL DEFAULT 'ru' CHECK (language IN ('ru', 'kk', 'en')),
    created_at  INTEGER NOT NULL,         -- Unix ms
    left_at     INTEGER                   -- Unix ms; null while employed
) STRICT;

CREATE TABLE session (
    token_hash   BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32), -- SHA-256 of the cookie
    staff_id     TEXT NOT NULL REFERENCES staff (id),
    started_at   INTEGER NOT NULL,        -- Unix ms
    last_seen_at INTEGER NOT NULL,        -- Unix ms, written at most once a minute
    expires_at   INTEGER NOT NULL,        -- Unix ms
    ip           TEXT,
    device       TEXT                     -- the browser, in a few words
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_staff ON session (staff_id);

-- The ledger: RFC 6962 leaves over canonical JSON. What can be searched is
-- generated from the hashed body, so that the two cannot disagree.
CREATE TABLE audit_event (
    seq   INTEGER PRIMARY KEY,
    body  TEXT CHECK (body IS NULL OR json_valid(body)), -- null only after a redaction
    leaf  BLOB NOT NULL CHECK (length(leaf) = 32),       -- SHA-256(0x00 || body)
    ts    TEXT AS (body ->> '$.ts') VIRTUAL,
    actor TEXT AS (body ->> '$.actor') VIRTUAL,
    act   TEXT AS (body ->> '$.act') VIRTUAL,
    pat   TEXT AS (body ->> '$.pat') VIRTUAL
) STRICT;

CREATE INDEX audit_event_by_actor ON audit_event (actor, seq);
CREATE INDEX audit_event_by_act ON audit_event (act, seq);
CREATE INDEX audit_event_by_ts ON audit_event (ts);

-- Whose data an event showed or changed: an index, rebuilt from the bodies.
CREATE TABLE audit_patient (
    patient_id TEXT NOT NULL,
    seq        INTEGER NOT NULL REFERENCES audit_event (seq),
    PRIMARY KEY (patient_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    size     INTEGER NOT NULL,
    frontier BLOB NOT NULL                -- one 32-byte hash for each set bit of size, high to low
) STRICT;

INSERT INTO audit_head (id, size, frontier) VALUES (1, 0, x'');

CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL                    -- C2SP signed note
) STRICT;

CREATE TABLE audit_redaction (
    seq    INTEGER PRIMARY KEY REFERENCES audit_event (seq),
    act_id TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_event_is_never_deleted BEFORE DELETE ON audit_event
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

CREATE TRIGGER audit_event_leaves_no_gap BEFORE INSERT ON audit_event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM audit_event)
BEGIN
    SELECT RAISE(ABORT, 'the ledger has no gaps');
END;

CREATE TRIGGER audit_event_is_never_changed BEFORE UPDATE ON audit_event
WHEN NOT (
    NEW.body IS NULL AND NEW.leaf IS OLD.leaf AND NEW.seq IS OLD.seq
    AND EXISTS (SELECT 1 FROM audit_redaction WHERE audit_redaction.seq = OLD.seq)
)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

-- Work for later, queued in the transaction that made it necessary.
CREATE TABLE job (
    id         TEXT PRIMARY KEY NOT NULL,
    kind       TEXT NOT NULL,             -- `booking.made`
    payload    TEXT NOT NULL CHECK (json_valid(payload)), -- ids, never names or numbers
    due_at     INTEGER NOT NULL,          -- Unix ms
    attempts   INTEGER NOT NULL DEFAULT 0,
    leased_at  INTEGER,                   -- Unix ms; taken by a worker that may have died
    done_at    INTEGER,                   -- Unix ms
    failure    TEXT                       -- a code of the last failure, without personal data
) STRICT;

CREATE INDEX job_open ON job (due_at) WHERE done_at IS NULL;
