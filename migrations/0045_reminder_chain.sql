-- The reminder chain: when a clinic reminds of a visit, in which words, and what
-- became of every step.

-- When nobody is reminded, and how late a reminder may be. One row.
CREATE TABLE reminder_rule (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    running      INTEGER NOT NULL CHECK (running IN (0, 1)), -- 0: only what is said at booking goes out
    quiet_from   INTEGER NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439),  -- minutes since midnight
    quiet_until  INTEGER NOT NULL CHECK (quiet_until BETWEEN 0 AND 1439), -- the same as quiet_from: never quiet
    late_minutes INTEGER NOT NULL CHECK (late_minutes BETWEEN 15 AND 1440), -- a step so late is not sent any more
    part_tiyn    INTEGER CHECK (part_tiyn BETWEEN 1 AND 1000000), -- what one SMS costs; null: what the gateway said last
    changed_at   INTEGER NOT NULL,       -- Unix ms; 0 as shipped
    changed_by   TEXT REFERENCES staff (id)
) STRICT;

INSERT INTO reminder_rule VALUES (1, 1, 1260, 540, 180, NULL, 0, NULL);

-- Services that have a chain of their own instead of the clinic's.
CREATE TABLE reminder_own (
    service_id TEXT PRIMARY KEY NOT NULL REFERENCES service (id),
    made_at    INTEGER NOT NULL,         -- Unix ms
    made_by    TEXT REFERENCES staff (id)
) STRICT;

-- The steps of a chain. A step that was removed stays for the touches that name it.
CREATE TABLE reminder_step (
    id             TEXT PRIMARY KEY NOT NULL,
    service_id     TEXT REFERENCES service (id), -- null: of the clinic's chain
    before_minutes INTEGER CHECK (before_minutes BETWEEN 30 AND 20160), -- null: at booking
    confirmed_too  INTEGER NOT NULL CHECK (confirmed_too IN (0, 1)), -- whether those who confirmed get it
    channel        TEXT NOT NULL CHECK (channel IN ('sms')),
    made_at        INTEGER NOT NULL,     -- Unix ms
    made_by        TEXT REFERENCES staff (id),
    ended_at       INTEGER,              -- Unix ms
    ended_by       TEXT REFERENCES staff (id)
) STRICT;

CREATE UNIQUE INDEX reminder_step_once
    ON reminder_step (coalesce(service_id, ''), coalesce(before_minutes, -1)) WHERE ended_at IS NULL;

INSERT INTO reminder_step VALUES
    ('0193b000-0000-7000-8000-000000000001', NULL, NULL, 1, 'sms', 0, NULL, NULL, NULL),
    ('0193b000-0000-7000-8000-000000000002', NULL, 2880, 0, 'sms', 0, NULL, NULL, NULL),
    ('0193b000-0000-7000-8000-000000000003', NULL, 1440, 0, 'sms', 0, NULL, NULL, NULL),
    ('0193b000-0000-7000-8000-000000000004', NULL, 120, 0, 'sms', 0, NULL, NULL, NULL);

-- The clinic's own wording of a step; where there is none, the program's stands.
-- Earlier wordings stay.
CREATE TABLE reminder_text (
    step_id    TEXT NOT NULL REFERENCES reminder_step (id),
    language   TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    source     TEXT,                     -- null: back to the program's own
    changed_at INTEGER NOT NULL,         -- Unix ms
    changed_by TEXT REFERENCES staff (id)
) STRICT;

CREATE INDEX reminder_text_latest ON reminder_text (step_id, language, changed_at);

-- Appointments as the chain sees them. The round is the last version at which one
-- came to another time, or came back after it was cancelled; `confirmed` says
-- whether somebody said yes to that time: a visit that the clinic moves keeps its
-- colour, but nobody has.
CREATE VIEW reminder_visit AS
SELECT a.id, a.patient_id, a.service_id, a.starts, a.status, a.notify, h.version AS round,
    h.at AS since,
    a.status = 'confirmed' AND EXISTS (
        SELECT 1 FROM appointment_status AS said
        WHERE said.appointment_id = a.id AND said.version >= h.version
            AND said.to_status = 'confirmed'
            AND (said.act <> 'moved' OR said.staff_id IS NULL)) AS confirmed
FROM appointment AS a
JOIN appointment_status AS h ON h.appointment_id = a.id AND h.version = (
    SELECT max(version) FROM (
        SELECT version, starts, lag(starts) OVER (ORDER BY version) AS stood,
            lag(to_status) OVER (ORDER BY version) AS was
        FROM appointment_status WHERE appointment_id = a.id)
    WHERE stood IS NULL OR stood <> starts OR was IN ('cancelled', 'no_show'))
WHERE a.status <> 'moved';

-- What became of a step for one appointment: one row, once the step was due. A
-- move begins another round, which is the version of the appointment that moved.
CREATE TABLE reminder_touch (
    appointment_id TEXT NOT NULL REFERENCES appointment (id) ON DELETE CASCADE, -- an import undone
    round          INTEGER NOT NULL,
    step_id        TEXT NOT NULL REFERENCES reminder_step (id),
    starts         TEXT NOT NULL,        -- of the visit in this round: 2026-12-01T09:30
    due            TEXT NOT NULL,        -- civil time at which it was due
    wanted         TEXT NOT NULL,        -- when it would have been due without quiet hours and holidays
    outcome        TEXT NOT NULL CHECK (outcome IN ('written', 'not', 'again')),
    reason         TEXT,                 -- a code; why it was not written, or was written together
    message_id     TEXT REFERENCES message (id),
    decided_at     INTEGER NOT NULL,     -- Unix ms
    PRIMARY KEY (appointment_id, round, step_id),
    CHECK ((outcome = 'written') = (message_id IS NOT NULL)),
    CHECK (outcome <> 'not' OR reason IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX reminder_touch_by_message ON reminder_touch (message_id) WHERE message_id IS NOT NULL;

-- Until when every step was decided: what began earlier is not looked at again.
CREATE TABLE reminder_seen (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    until INTEGER NOT NULL               -- Unix ms; 0: never looked
) STRICT;

INSERT INTO reminder_seen VALUES (1, 0);

-- A link of a message about several visits opens a page with a link to each.
ALTER TABLE answer_link ADD COLUMN together INTEGER NOT NULL DEFAULT 1 CHECK (1 <= together);
