-- What a patient may be written, per aim and channel: each choice with when, how
-- and by whom it was made. The newest stands; without one, service messages and
-- recalls may be written, advertising may not.

CREATE TABLE writing_choice (
    id         INTEGER PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    aim        TEXT NOT NULL CHECK (aim IN ('service', 'recall', 'marketing')),
    channel    TEXT NOT NULL CHECK (channel <> ''), -- messaging::Channel
    allowed    INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    at         INTEGER NOT NULL,          -- Unix ms
    source     TEXT NOT NULL CHECK (source IN ('link', 'word', 'desk', 'request')),
    by_staff   TEXT REFERENCES staff (id), -- null: the patient
    reason     TEXT NOT NULL,             -- what the desk typed; '' where the patient chose
    CHECK (source <> 'desk' OR reason <> '')
) STRICT;

CREATE INDEX writing_choice_newest ON writing_choice (patient_id, aim, channel, id);

-- What stands.
CREATE VIEW writing_stands AS
SELECT patient_id, aim, channel, allowed, at, source, by_staff, reason FROM writing_choice AS one
WHERE id = (SELECT max(id) FROM writing_choice AS other
    WHERE other.patient_id = one.patient_id AND other.aim = one.aim
        AND other.channel = one.channel);

-- Who wants no service message by any channel: SMS refused, and none allowed.
CREATE VIEW writing_refused AS
SELECT patient_id FROM writing_stands AS one
WHERE aim = 'service' AND channel = 'sms' AND allowed = 0
    AND NOT EXISTS (SELECT 1 FROM writing_stands AS other
        WHERE other.patient_id = one.patient_id AND other.aim = 'service' AND other.allowed = 1);

-- A reply may ask to be written to again.
ALTER TABLE reply RENAME COLUMN meaning TO meaning_before;
ALTER TABLE reply ADD COLUMN meaning TEXT NOT NULL DEFAULT 'unclear'
    CHECK (meaning IN ('yes', 'no', 'move', 'stop', 'start', 'unclear'));
UPDATE reply SET meaning = meaning_before;
ALTER TABLE reply DROP COLUMN meaning_before;
ALTER TABLE reply RENAME COLUMN outcome TO outcome_before;
ALTER TABLE reply ADD COLUMN outcome TEXT
    CHECK (outcome IN ('confirmed', 'cancelled', 'move', 'stopped', 'started', 'nothing'));
UPDATE reply SET outcome = outcome_before;
ALTER TABLE reply DROP COLUMN outcome_before;
