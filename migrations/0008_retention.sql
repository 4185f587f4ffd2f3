-- How long records are kept, by what law, and what must not be destroyed.
-- A rule is never changed: a new version takes its place from a day on.

CREATE TABLE retention_rule (
    code           TEXT NOT NULL CHECK (code IN
        ('outpatient_card', 'inpatient_card', 'dental_card', 'visit_journal', 'consent')),
    version        INTEGER NOT NULL CHECK (1 <= version),
    years          INTEGER NOT NULL CHECK (years BETWEEN 0 AND 150),
    until_age      INTEGER CHECK (until_age BETWEEN 1 AND 150), -- years of age; null: age does not count
    combine        TEXT CHECK (combine IN ('later', 'earlier')), -- of years and age, which counts
    start_event    TEXT NOT NULL CHECK (start_event IN
        ('last_entry', 'discharge', 'visit', 'card_end')),
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

CREATE TRIGGER retention_rule_is_never_changed BEFORE UPDATE ON retention_rule
BEGIN
    SELECT RAISE(ABORT, 'a rule is replaced, not changed');
END;

CREATE TRIGGER retention_rule_is_never_deleted BEFORE DELETE ON retention_rule
BEGIN
    SELECT RAISE(ABORT, 'a rule is replaced, not deleted');
END;

-- Years that could not be read in the present order are shipped unconfirmed.
INSERT INTO retention_rule (code, version, years, until_age, combine, start_event, basis, source,
                            checked_on, confirmed, effective_from, effective_to, made_at, made_by)
VALUES
    ('outpatient_card', 1, 25, NULL, NULL, 'last_entry',
     'Форма 052/у, приказы ҚР ДСМ-175/2020 и ҚР ДСМ-244/2020: 25 лет',
     'https://adilet.zan.kz/rus/docs/V2000021579', '2026-11-22', 0, '2020-11-01', NULL, 0, NULL),
    ('inpatient_card', 1, 25, NULL, NULL, 'discharge',
     'Форма 001/у, приказы ҚР ДСМ-175/2020 и ҚР ДСМ-244/2020: 25 лет',
     'https://adilet.zan.kz/rus/docs/V2000021579', '2026-11-22', 0, '2020-11-01', NULL, 0, NULL),
    ('dental_card', 1, 75, 75, 'later', 'last_entry',
     'Форма 058/у, приказы ҚР ДСМ-175/2020 и ҚР ДСМ-244/2020: 75 лет или до 75-летия пациента',
     'https://adilet.zan.kz/rus/docs/V2000021579', '2026-11-22', 0, '2020-11-01', NULL, 0, NULL),
    ('visit_journal', 1, 5, NULL, NULL, 'visit',
     'Журнал записи на приём: 5 лет',
     'https://adilet.zan.kz/rus/docs/V2000021579', '2026-11-22', 0, '2020-11-01', NULL, 0, NULL),
    ('consent', 1, 0, NULL, NULL, 'card_end',
     'Согласие хранится не меньше карты, к которой относится',
     'https://adilet.zan.kz/rus/docs/K2000000360', '2026-11-22', 0, '2020-11-01', NULL, 0, NULL);

-- A dispute, an inquiry: nothing of this patient is destroyed until released.
CREATE TABLE retention_hold (
    id          TEXT PRIMARY KEY NOT NULL,
    patient_id  TEXT NOT NULL REFERENCES patient (id),
    reason      TEXT NOT NULL CHECK (reason <> ''),
    placed_at   INTEGER NOT NULL,             -- Unix ms
    placed_by   TEXT REFERENCES staff (id),
    released_at INTEGER,                      -- Unix ms; null while it stands
    released_by TEXT REFERENCES staff (id)
) STRICT;

CREATE UNIQUE INDEX retention_hold_stands_once ON retention_hold (patient_id)
    WHERE released_at IS NULL;
