-- Calendars of doctors for their own phones: an address with a secret in it, which
-- a calendar program asks again and again.
CREATE TABLE calendar_feed (
    id         TEXT PRIMARY KEY NOT NULL,
    staff_id   TEXT NOT NULL REFERENCES staff (id), -- whose visits it shows
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- SHA-256 of the secret
    made_at    INTEGER NOT NULL,         -- Unix ms
    read_at    INTEGER,                  -- Unix ms; when a program last asked
    ended_at   INTEGER,                  -- Unix ms
    ended_by   TEXT REFERENCES staff (id)
) STRICT;

-- One address for each doctor.
CREATE UNIQUE INDEX calendar_feed_once ON calendar_feed (staff_id) WHERE ended_at IS NULL;

-- Whether the clinic allows patients' names in them. One row.
CREATE TABLE calendar_rule (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    names      INTEGER NOT NULL CHECK (names IN (0, 1)),
    changed_at INTEGER NOT NULL,         -- Unix ms; 0 as shipped
    changed_by TEXT REFERENCES staff (id)
) STRICT;

INSERT INTO calendar_rule VALUES (1, 0, 0, NULL);
