-- Destruction of a person's data on request (law 94-V art. 18 and 25; SECURITY.md 9.5):
-- the act of two people, and what lets the rows go that are otherwise never changed.

-- A card of somebody who was never treated falls under no order about medical
-- papers: a kind of record of its own. The years are counted from its entry.
CREATE TABLE retention_rule_new (
    code           TEXT NOT NULL CHECK (code IN
        ('outpatient_card', 'inpatient_card', 'dental_card', 'untreated_card', 'visit_journal',
         'consent')),
    version        INTEGER NOT NULL CHECK (1 <= version),
    years          INTEGER NOT NULL CHECK (years BETWEEN 0 AND 150),
    until_age      INTEGER CHECK (until_age BETWEEN 1 AND 150), -- years of age; null: age does not count
    combine        TEXT CHECK (combine IN ('later', 'earlier')), -- of years and age, which counts
    start_event    TEXT NOT NULL CHECK (start_event IN
        ('last_entry', 'discharge', 'registered', 'visit', 'card_end')),
    basis          TEXT NOT NULL CHECK (basis <> ''), -- the law, for people
    source         TEXT NOT NULL,             -- where it was read
    checked_on     TEXT NOT NULL,             -- 2026-11-22: when somebody read it there
    confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)), -- by the clinic's lawyer
    effective_from TEXT NOT NULL,             -- 2026-01-01
    effective_to   TEXT,                      -- the first day it no longer counts; null: until replaced
    made_at        INTEGER NOT NULL,          -- Unix ms; 0 for those shipped
    made_by        TEXT REFERENCES staff (id), -- null for those shipped
    PRIMARY KEY (code, version),
    CHECK ((until_age IS NULL) = (combine IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO retention_rule_new (code, version, years, until_age, combine, start_event, basis,
    source, checked_on, confirmed, effective_from, effective_to, made_at, made_by)
SELECT code, version, years, until_age, combine, start_event, basis,
    source, checked_on, confirmed, effective_from, effective_to, made_at, made_by
FROM retention_rule;

DROP TABLE retention_rule;
ALTER TABLE retention_rule_new RENAME TO retention_rule;

CREATE TRIGGER retention_rule_is_never_changed BEFORE UPDATE ON retention_rule
BEGIN
    SELECT RAISE(ABORT, 'a rule is replaced, not changed');
END;

CREATE TRIGGER retention_rule_is_never_deleted BEFORE DELETE ON retention_rule
BEGIN
    SELECT RAISE(ABORT, 'a rule is replaced, not deleted');
END;

INSERT INTO retention_rule (code, version, years, until_age, combine, start_event, basis, source,
                            checked_on, confirmed, effective_from, effective_to, made_at, made_by)
VALUES
    ('untreated_card', 1, 3, NULL, NULL, 'registered',
     'Закон РК 94-V, ст. 12 п. 2 и ст. 18: данные хранятся до достижения цели; человек не лечился, медицинской карты нет',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', 0, '2013-11-26', NULL, 0, NULL);

-- How many days lie between the proposal of an act and its carrying out. By
-- request of the person there are none: the law gives one working day.
CREATE TABLE disposal_rule (
    ground         TEXT NOT NULL CHECK (ground IN ('request')), -- by what it is destroyed
    version        INTEGER NOT NULL CHECK (1 <= version),
    cooling_days   INTEGER NOT NULL CHECK (cooling_days BETWEEN 0 AND 90),
    basis          TEXT NOT NULL CHECK (basis <> ''), -- the law, for people
    source         TEXT NOT NULL,
    checked_on     TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    PRIMARY KEY (ground, version)
) STRICT, WITHOUT ROWID;

INSERT INTO disposal_rule (ground, version, cooling_days, basis, source, checked_on, effective_from)
VALUES
    ('request', 1, 0,
     'Закон РК 94-V, ст. 25: по обращению субъекта уничтожить в течение одного рабочего дня; отсрочка акта не допускается',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-27', '2013-11-26');

-- An act of destruction: proposed by one, carried out by another. No value that
-- was destroyed stands here: ids, counts, rules, dates.
CREATE TABLE disposal (
    id           TEXT PRIMARY KEY NOT NULL,
    number       INTEGER NOT NULL UNIQUE,     -- in the register, given in order
    request_id   TEXT NOT NULL REFERENCES subject_request (id),
    patient_id   TEXT NOT NULL,               -- no reference: the act outlives the card
    card         INTEGER NOT NULL,            -- its number
    extent       TEXT NOT NULL CHECK (extent IN
        ('whole', 'unkept')),                 -- all of them, or what no law orders kept
    counts       TEXT NOT NULL CHECK (json_valid(counts)), -- how many of what, as proposed
    rules        TEXT NOT NULL CHECK (json_valid(rules)),  -- [["untreated_card", 2]]
    basis        TEXT NOT NULL,               -- the law of those rules, as it counted then
    proposed_at  INTEGER NOT NULL,            -- Unix ms
    proposed_by  TEXT NOT NULL REFERENCES staff (id),
    not_before   TEXT NOT NULL,               -- the day from which it may be carried out
    given_up_at  INTEGER,                     -- Unix ms; another proposal took its place
    done_at      INTEGER,                     -- Unix ms
    done_by      TEXT REFERENCES staff (id),
    copies_until TEXT,                        -- day by which no backup holds the data any more
    merged       TEXT NOT NULL DEFAULT '[]'   -- ids of cards that had been merged into it
        CHECK (json_valid(merged)),
    CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CHECK ((done_at IS NULL) = (copies_until IS NULL)),
    CHECK (done_at IS NULL OR given_up_at IS NULL),
    CHECK (done_by <> proposed_by)
) STRICT;

CREATE INDEX disposal_by_request ON disposal (request_id);

CREATE TRIGGER disposal_that_was_done_is_never_changed BEFORE UPDATE ON disposal
WHEN OLD.done_at IS NOT NULL OR OLD.given_up_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an act of destruction is never changed');
END;

CREATE TRIGGER disposal_is_never_deleted BEFORE DELETE ON disposal
BEGIN
    SELECT RAISE(ABORT, 'an act of destruction is never deleted');
END;

-- Files of the store that an act took the rows of, until they are gone too.
CREATE TABLE disposal_file (
    file        TEXT PRIMARY KEY NOT NULL,    -- by its hash
    disposal_id TEXT NOT NULL                 -- no reference: see disposal_replay
) STRICT, WITHOUT ROWID;

-- An act that is younger than the backup the clinic was restored from, and was
-- carried out once more then. What it was proposed by may not be known here.
CREATE TABLE disposal_replay (
    id          TEXT PRIMARY KEY NOT NULL,    -- of the act
    number      INTEGER NOT NULL,             -- in the register that was lost
    patient_id  TEXT NOT NULL,                -- no reference: the act outlives the card
    card        INTEGER NOT NULL,             -- its number
    extent      TEXT NOT NULL CHECK (extent IN ('whole', 'unkept')),
    done_at     INTEGER NOT NULL,             -- Unix ms; the first time
    replayed_at INTEGER NOT NULL,             -- Unix ms
    merged      TEXT NOT NULL CHECK (json_valid(merged)) -- ids of cards merged into it by then
) STRICT, WITHOUT ROWID;

-- Whose rows are being destroyed: filled and emptied within one transaction.
CREATE TABLE disposal_open (
    patient_id TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;

DROP TRIGGER subject_request_is_never_changed;
CREATE TRIGGER subject_request_is_never_changed BEFORE UPDATE OF
    id, number, kind, way, requester, applicant, contact, wish, received_at, recorded_at, recorded_by
    ON subject_request -- a merge of cards moves it to another, an act of destruction empties it
WHEN NOT EXISTS (SELECT 1 FROM disposal_open WHERE patient_id = OLD.patient_id)
BEGIN
    SELECT RAISE(ABORT, 'a request is answered, not changed');
END;

DROP TRIGGER subject_request_step_is_never_changed;
CREATE TRIGGER subject_request_step_is_never_changed BEFORE UPDATE ON subject_request_step
WHEN NOT EXISTS (SELECT 1 FROM disposal_open JOIN subject_request
    ON subject_request.patient_id = disposal_open.patient_id
    WHERE subject_request.id = OLD.request_id)
BEGIN
    SELECT RAISE(ABORT, 'a step is followed by another, not changed');
END;

DROP TRIGGER patient_block_is_never_deleted;
CREATE TRIGGER patient_block_is_never_deleted BEFORE DELETE ON patient_block
WHEN NOT EXISTS (SELECT 1 FROM disposal_open WHERE patient_id = OLD.patient_id)
BEGIN
    SELECT RAISE(ABORT, 'a block is lifted, not deleted');
END;
