-- Where each gateway's servers are, what of a message may go there, and a log of
-- what was passed on to whom (law 94-V art. 16, 22; KAZAKHSTAN.md 3.5).

-- ISO 3166-1, lower case; what lies outside 'kz' gets neutral texts only.
ALTER TABLE gateway ADD COLUMN country TEXT NOT NULL DEFAULT 'kz' CHECK (country <> '');
UPDATE gateway SET country = 'us' WHERE kind = 'whatsapp';

-- The message in neutral words, for gateways abroad; forgets its secret with the text.
-- Null: written before there was one.
ALTER TABLE message ADD COLUMN abroad TEXT;
-- JSON: the classes of data that the text holds (messaging::text::Class).
ALTER TABLE message ADD COLUMN classes TEXT NOT NULL DEFAULT '["neutral","contact"]';
-- Where it went last: its neutral words did, when abroad.
ALTER TABLE message ADD COLUMN land TEXT NOT NULL DEFAULT 'home' CHECK (land IN ('home', 'abroad'));
UPDATE message SET land = 'abroad' WHERE channel = 'whatsapp' AND gateway = 'whatsapp';

-- Each time a message was handed over: which classes of whose data went to whom.
-- Never the values.
CREATE TABLE transfer (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,          -- Unix ms
    patient_id TEXT REFERENCES patient (id), -- null: of nobody who has a card, or destroyed since
    message_id TEXT REFERENCES message (id) ON DELETE SET NULL,
    purpose    TEXT NOT NULL CHECK (purpose <> ''), -- messaging::text::Purpose
    party      TEXT NOT NULL CHECK (party <> ''), -- messaging::setup::GatewayKind
    country    TEXT NOT NULL CHECK (country <> ''), -- ISO 3166-1, as it was then
    classes    TEXT NOT NULL CHECK (json_valid(classes)) -- JSON, in the order of the enum
) STRICT;

CREATE INDEX transfer_by_time ON transfer (at, id);
CREATE INDEX transfer_by_patient ON transfer (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX transfer_by_message ON transfer (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX transfer_by_party ON transfer (party, country, at);

-- What was handed over before there was a log: texts knew no clinical value then.
INSERT INTO transfer (at, patient_id, message_id, purpose, party, country, classes)
SELECT coalesce((SELECT max(at) FROM message_state
        WHERE message_id = message.id AND message_state.state = 'sending'), created_at) AS handed,
    patient_id, id, purpose, gateway, CASE WHEN gateway = 'whatsapp' THEN 'us' ELSE 'kz' END,
    CASE WHEN gateway = 'whatsapp' THEN '["neutral","contact"]' ELSE classes END
FROM message WHERE gateway IS NOT NULL AND gateway <> 'demo' ORDER BY handed;
