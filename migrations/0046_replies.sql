-- What people write back by SMS, and what was done with it.
CREATE TABLE reply (
    id         TEXT PRIMARY KEY NOT NULL,
    gateway_id INTEGER NOT NULL,         -- it came through this one, which may be gone by now
    told_id    TEXT,                     -- the gateway's own number of it; null: it gave none
    digest     BLOB NOT NULL CHECK (length(digest) = 32), -- SHA-256 of sender and text
    phone      TEXT NOT NULL,            -- E.164; what is no telephone stands as it came
    text       TEXT NOT NULL,
    came_at    INTEGER NOT NULL,         -- Unix ms
    since      INTEGER NOT NULL,         -- Unix ms; it was not written earlier than this
    meaning    TEXT NOT NULL CHECK (meaning IN ('yes', 'no', 'move', 'stop', 'unclear')),
    state      TEXT NOT NULL CHECK (state IN ('taken', 'done', 'open', 'settled')),
    outcome    TEXT CHECK (outcome IN ('confirmed', 'cancelled', 'move', 'stopped', 'nothing')),
    reason     TEXT,                     -- a code: why a person has to look at it
    patient_id TEXT REFERENCES patient (id), -- whose telephone; null: nobody's, or several people's
    message_id TEXT REFERENCES message (id) ON DELETE SET NULL, -- what it answers
    settled_at INTEGER,                  -- Unix ms
    settled_by TEXT REFERENCES staff (id),
    CHECK (state <> 'open' OR reason IS NOT NULL),
    CHECK ((state = 'settled') = (settled_at IS NOT NULL))
) STRICT;

-- A gateway that brings the same twice is believed once.
CREATE UNIQUE INDEX reply_once ON reply (gateway_id, told_id) WHERE told_id IS NOT NULL;
CREATE INDEX reply_again ON reply (digest, came_at);
CREATE INDEX reply_open ON reply (came_at) WHERE state IN ('taken', 'open');
CREATE INDEX reply_by_patient ON reply (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX reply_latest ON reply (came_at);

-- The visits it was about.
CREATE TABLE reply_visit (
    reply_id       TEXT NOT NULL REFERENCES reply (id) ON DELETE CASCADE,
    appointment_id TEXT NOT NULL REFERENCES appointment (id) ON DELETE CASCADE,
    PRIMARY KEY (reply_id, appointment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX reply_visit_by_appointment ON reply_visit (appointment_id);

-- How the clinic lets people answer. One row.
CREATE TABLE reply_rule (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    links      INTEGER NOT NULL CHECK (links IN (0, 1)), -- 0: texts ask for 1 or 2 instead of carrying a link
    door_hash  BLOB CHECK (length(door_hash) = 32), -- SHA-256 of the secret in the address gateways push to; null: none
    changed_at INTEGER NOT NULL,         -- Unix ms; 0 as shipped
    changed_by TEXT REFERENCES staff (id)
) STRICT;

INSERT INTO reply_rule VALUES (1, 1, NULL, 0, NULL);

-- Until where a gateway that is asked for replies has told them.
CREATE TABLE gateway_heard (
    gateway_id INTEGER PRIMARY KEY NOT NULL,
    until      TEXT NOT NULL,            -- the gateway's own number of the newest one taken
    at         INTEGER NOT NULL          -- Unix ms; when it was last asked
) STRICT;

-- What a telephone was written, newest first.
CREATE INDEX message_by_phone ON message (phone, created_at);
