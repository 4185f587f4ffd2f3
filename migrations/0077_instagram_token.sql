-- How long the token of an Instagram account lives. The token itself is the gateway's
-- password; other gateways have no row: their keys do not end.
CREATE TABLE gateway_token (
    gateway_id INTEGER PRIMARY KEY NOT NULL REFERENCES gateway (id) ON DELETE CASCADE,
    entered_at INTEGER NOT NULL,          -- Unix ms; when somebody typed it in
    until      INTEGER,                   -- Unix ms; null: Meta has not told yet
    renewed_at INTEGER,                   -- Unix ms; null: it is still the one that was typed in
    failed_at  INTEGER,                   -- Unix ms; null: the last renewal succeeded
    trouble    TEXT,                      -- gateway::Trouble of that failure
    CHECK ((failed_at IS NULL) = (trouble IS NULL))
) STRICT;

INSERT INTO gateway_token (gateway_id, entered_at)
SELECT id, changed_at FROM gateway WHERE kind = 'instagram';
