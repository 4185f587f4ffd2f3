-- Several gateways at once, in the order they are tried in, each with its own
-- limits, its price, and how it was when it was last used or asked.

CREATE TABLE gateway_now (
    id          INTEGER PRIMARY KEY NOT NULL,  -- never used twice: sent messages point here
    rank        INTEGER NOT NULL,              -- 1 is tried first
    kind        TEXT NOT NULL CHECK (kind <> ''), -- messaging::setup::GatewayKind
    endpoint    TEXT NOT NULL,
    username    TEXT NOT NULL,
    password    TEXT NOT NULL,                 -- goes in, is never shown
    sender      TEXT,
    report_url  TEXT,                          -- where Kannel reaches this machine
    per_minute  INTEGER NOT NULL CHECK (per_minute BETWEEN 1 AND 60000), -- messages, at most
    price       INTEGER,                       -- tiyn for one SMS, where the gateway does not say; null: unknown
    low_balance INTEGER,                       -- tiyn: warn below; null: never
    changed_at  INTEGER NOT NULL,              -- Unix ms, like all below
    well_at     INTEGER,                       -- it took a message, or said that it would
    ill_at      INTEGER,                       -- when it last failed
    trouble     TEXT,                          -- a code: what it last failed with
    is_ill      INTEGER NOT NULL DEFAULT 0 CHECK (is_ill IN (0, 1)), -- and has not got over it
    balance     INTEGER,                       -- tiyn; null: it keeps none
    checked_at  INTEGER                        -- when it was last asked how it is
) STRICT;

INSERT INTO gateway_now (id, rank, kind, endpoint, username, password, sender, report_url,
    per_minute, changed_at)
SELECT id, 1, kind, endpoint, username, password, sender, report_url, 600, changed_at FROM gateway;
DROP TABLE gateway;
ALTER TABLE gateway_now RENAME TO gateway;

-- Which gateway took a message, and so can be asked about it.
ALTER TABLE message ADD COLUMN gateway_id INTEGER;
UPDATE message SET gateway_id = 1 WHERE gateway IS NOT NULL;

-- Gateways up to this rank refused it: those after them are tried.
ALTER TABLE message ADD COLUMN past_rank INTEGER NOT NULL DEFAULT 0;

-- What has to leave, the soonest useless first; and what has to be asked about.
DROP INDEX message_to_do;
CREATE INDEX message_to_send ON message (not_after) WHERE state = 'queued';
CREATE INDEX message_to_ask ON message (due_at) WHERE state IN ('accepted', 'uncertain');

-- Receipts name a message by the gateway's own number of it.
CREATE INDEX message_by_provider ON message (gateway_id, provider_id) WHERE provider_id IS NOT NULL;
