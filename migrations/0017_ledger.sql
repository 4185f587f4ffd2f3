-- Checkpoints of the ledger, where they are kept, and what makes proofs quick.

-- Signed states of the ledger (C2SP tlog-checkpoint in a signed note). None was
-- ever written to the first table of this name.
DROP TABLE audit_checkpoint;

CREATE TABLE audit_checkpoint (
    size    INTEGER PRIMARY KEY,              -- how many events the ledger had
    note    TEXT NOT NULL,                    -- as it was handed out
    cause   TEXT NOT NULL CHECK (cause IN
        ('clock', 'growth', 'day', 'backup', 'restore', 'keys', 'consent', 'asked')),
    made_at INTEGER NOT NULL                  -- Unix ms
) STRICT;

CREATE TRIGGER audit_checkpoint_is_never_deleted BEFORE DELETE ON audit_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is never deleted');
END;

CREATE TRIGGER audit_checkpoint_is_never_changed BEFORE UPDATE ON audit_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is never changed');
END;

-- Roots of 1024 events each, from the first on, so that a proof in a ledger of
-- millions reads two spans of leaves and not all. Made from the leaves again
-- when they are gone.
CREATE TABLE audit_span (
    span INTEGER PRIMARY KEY,                 -- events 1024 × span to 1024 × span + 1023
    root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;

-- Where a checkpoint went, out of reach of whoever has this machine.
CREATE TABLE audit_anchor (
    id       TEXT PRIMARY KEY NOT NULL,
    size     INTEGER NOT NULL REFERENCES audit_checkpoint (size),
    kind     TEXT NOT NULL CHECK (kind IN ('sheet', 'file', 'mail', 'folder', 'backup')),
    made_at  INTEGER NOT NULL,                -- Unix ms
    staff_id TEXT REFERENCES staff (id)       -- null: by the clock
) STRICT;

CREATE INDEX audit_anchor_by_kind ON audit_anchor (kind, made_at);

-- The folder (a USB stick, a share) that checkpoints are written to; the last
-- row counts, an empty one ends it.
CREATE TABLE audit_anchor_folder (
    id     TEXT PRIMARY KEY NOT NULL,
    folder TEXT NOT NULL,
    set_at INTEGER NOT NULL                   -- Unix ms
) STRICT;
