-- Who writes to the clinic: one conversation for each address on each channel.
CREATE TABLE conversation (
    id           TEXT PRIMARY KEY NOT NULL,
    channel      TEXT NOT NULL CHECK (channel <> ''), -- messaging::Channel
    address      TEXT NOT NULL,          -- E.164; what is no telephone stands as it came
    patient_id   TEXT REFERENCES patient (id), -- null: nobody's address, several people's, or not known yet
    attached_by  TEXT REFERENCES staff (id), -- who said so; null: the number did
    assigned_to  TEXT REFERENCES staff (id),
    state        TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    unread       INTEGER NOT NULL DEFAULT 0 CHECK (0 <= unread), -- by anybody at the desk
    waiting_since INTEGER,               -- Unix ms: the first that nobody has answered
    last_in_at   INTEGER,                -- Unix ms: when they wrote last
    last_at      INTEGER NOT NULL,       -- Unix ms: when either side did
    silent_until INTEGER,                -- Unix ms: until then a person speaks, and no dialogue does
    opened_at    INTEGER NOT NULL,       -- Unix ms
    closed_at    INTEGER,                -- Unix ms
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    UNIQUE (channel, address)
) STRICT;

CREATE INDEX conversation_open ON conversation (last_at) WHERE state = 'open';
CREATE INDEX conversation_closed ON conversation (last_at) WHERE state = 'closed';
CREATE INDEX conversation_by_patient ON conversation (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX conversation_by_address ON conversation (address);

ALTER TABLE reply ADD COLUMN conversation_id TEXT REFERENCES conversation (id);
CREATE INDEX reply_by_conversation ON reply (conversation_id, came_at);

-- What came before stands in conversations too. Ids are version 7 UUIDs like all others.
INSERT INTO conversation (id, channel, address, patient_id, state, unread, waiting_since,
    last_in_at, last_at, opened_at, closed_at)
SELECT lower(substr(printf('%012x', came), 1, 8) || '-' || substr(printf('%012x', came), 9, 4)
        || '-7' || substr(hex(randomblob(2)), 2, 3) || '-8' || substr(hex(randomblob(2)), 2, 3)
        || '-' || hex(randomblob(6))),
    channel, phone, patient, iif(0 < waits, 'open', 'closed'), waits, first, last, last, came,
    iif(0 < waits, NULL, last)
FROM (SELECT coalesce((SELECT kind FROM gateway WHERE gateway.id = reply.gateway_id
            AND kind IN ('whatsapp', 'telegram')), 'sms') AS channel,
        phone, min(came_at) AS came, max(came_at) AS last,
        sum(state IN ('taken', 'open')) AS waits,
        min(iif(state IN ('taken', 'open'), came_at, NULL)) AS first,
        iif(count(DISTINCT patient_id) = 1, max(patient_id), NULL) AS patient
    FROM reply GROUP BY 1, 2);
UPDATE reply SET conversation_id = (SELECT c.id FROM conversation AS c
    WHERE c.address = reply.phone AND c.channel = coalesce((
        SELECT kind FROM gateway
        WHERE gateway.id = reply.gateway_id AND kind IN ('whatsapp', 'telegram')), 'sms'));
