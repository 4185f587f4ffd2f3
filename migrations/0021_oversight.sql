-- The compliance desk: the ledger searched by any of its sides, what in it is
-- unlike the usual (SECURITY.md 4.6), and who has looked through it.

-- Where an entry came from, why, and in which session, generated from the
-- hashed body like the other columns.
ALTER TABLE audit_event ADD COLUMN why TEXT AS (body ->> '$.why') VIRTUAL;
ALTER TABLE audit_event ADD COLUMN sess TEXT AS (body ->> '$.sess') VIRTUAL;
ALTER TABLE audit_event ADD COLUMN place TEXT AS ( -- `10.0.4.21|Chrome, Windows`
    coalesce(body ->> '$.ip', '') || '|' || coalesce(body ->> '$.dev', '')) VIRTUAL;

-- Rare combinations of who and what are found without walking either. It takes
-- the place of an index, so that a booking pays for one more and not for two.
DROP INDEX audit_event_by_act;
CREATE INDEX audit_event_by_act ON audit_event (act, actor, seq);
CREATE INDEX audit_event_by_place ON audit_event (place, seq, act, actor) WHERE place <> '|';
-- Few entries have a reason or begin a session: these cost a booking nothing.
CREATE INDEX audit_event_by_why ON audit_event (why, seq, act, actor) WHERE why IS NOT NULL;
CREATE INDEX audit_event_by_session ON audit_event (sess, seq) WHERE act = 'session.started';

-- The limits of the rules: a change is a new version, the old one stays.
CREATE TABLE audit_limit (
    code    TEXT NOT NULL,                -- field of audit::findings::Limits
    version INTEGER NOT NULL CHECK (1 <= version),
    value   INTEGER NOT NULL CHECK (0 <= value),
    basis   TEXT NOT NULL CHECK (basis <> ''), -- why this number
    made_at INTEGER NOT NULL,             -- Unix ms; 0: shipped with the program
    made_by TEXT REFERENCES staff (id),   -- null: shipped with the program
    PRIMARY KEY (code, version)
) STRICT, WITHOUT ROWID;

INSERT INTO audit_limit (code, version, value, basis, made_at, made_by) VALUES
    ('mass_hour',          1,  40, 'R1: 40 карт за час', 0, NULL),
    ('mass_day',           1,  60, 'R1: 60 карт за день', 0, NULL),
    ('mass_factor',        1,   3, 'R1: втрое больше своей медианы за 30 дней', 0, NULL),
    ('list_hour',          1, 250, 'R1: людей в списках и поиске за час', 0, NULL),
    ('list_day',           1, 600, 'R1: людей в списках и поиске за день', 0, NULL),
    ('relation_days',      1,  14, 'R2: приём за 14 дней до или после', 0, NULL),
    ('own_patient_days',   1, 180, 'R2: врач лечил пациента в последние полгода', 0, NULL),
    ('strangers_desk',     1,  12, 'R2: регистратура отвечает на звонки без записи', 0, NULL),
    ('strangers_doctor',   1,   0, 'R2: врач открывает карты своих пациентов', 0, NULL),
    ('call_ahead_days',    1,   3, 'R1, R4: обзвон записанных за 3 дня', 0, NULL),
    ('off_hours_minutes',  1,  60, 'R3: 60 минут до и после смены', 0, NULL),
    ('late_minutes',       1, 180, 'R3: записи о своих пациентах после смены', 0, NULL),
    ('export_hour',        1,  10, 'R7: 10 документов за час', 0, NULL),
    ('unmask_day',         1,  15, 'R8: 15 показов ИИН за день', 0, NULL),
    ('emergency_days',     1,   3, 'R9: разбор за 3 рабочих дня', 0, NULL),
    ('failures',           1,  10, 'R10: 10 неудачных входов за час', 0, NULL),
    ('two_places_minutes', 1,  15, 'R10: два адреса за 15 минут', 0, NULL),
    ('leaving_days',       1,  14, 'R11: две недели до ухода', 0, NULL),
    ('leaving_exports',    1,   2, 'R11: выгрузки уходящего за день', 0, NULL),
    ('leaving_strangers',  1,   8, 'R11: чужие карты у уходящего за день', 0, NULL),
    ('role_hours',         1,  24, 'R12: выгрузка за сутки после смены роли', 0, NULL),
    ('phone_patients',     1,   3, 'R13: один телефон у трёх чужих друг другу людей', 0, NULL),
    ('phone_days',         1,  90, 'R13: за 90 дней', 0, NULL),
    ('anchor_hours',       1,  26, 'R14: внешняя отметка журнала раз в сутки', 0, NULL),
    ('denials_day',        1,  15, 'R15: 15 отказов в доступе за день', 0, NULL),
    ('review_days',        1,   7, 'Проверка журнала не реже раза в неделю', 0, NULL);

-- How far the rules have looked: the day under way and the first entry of it.
CREATE TABLE audit_watch (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    day       TEXT NOT NULL,              -- of the clinic, 2026-11-23
    first_seq INTEGER NOT NULL,           -- of that day
    seen_seq  INTEGER NOT NULL,           -- judged up to here, this one included
    at        INTEGER NOT NULL            -- Unix ms
) STRICT;

-- What is unlike the usual: one row for a rule, a person, a day and, where the
-- rule tells things apart, a key. Numbers and codes only: the words are made
-- when it is shown.
CREATE TABLE audit_finding (
    id          TEXT PRIMARY KEY NOT NULL,
    rule        TEXT NOT NULL,            -- code of audit::findings::Rule
    day         TEXT NOT NULL,
    actor       TEXT NOT NULL,            -- whom it is about; '' where it is nobody
    key         TEXT NOT NULL,            -- '' where the rule knows one thing a day
    severity    INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3), -- 3 the worst
    numbers     TEXT NOT NULL CHECK (json_valid(numbers)),
    count       INTEGER NOT NULL,         -- entries it rests on, however many are kept
    first_at    INTEGER NOT NULL,         -- Unix ms
    last_at     INTEGER NOT NULL,
    found_at    INTEGER NOT NULL,
    judged_at   INTEGER NOT NULL,         -- when it was last true
    state       TEXT NOT NULL CHECK (state IN ('open', 'explained', 'incident', 'lapsed')),
    answered_at INTEGER,
    answered_by TEXT REFERENCES staff (id),
    answered_count INTEGER,               -- what it rested on then
    CHECK ((state IN ('explained', 'incident')) = (answered_at IS NOT NULL)),
    UNIQUE (rule, actor, day, key)
) STRICT;

CREATE INDEX audit_finding_open ON audit_finding (severity, last_at) WHERE state = 'open';
CREATE INDEX audit_finding_by_day ON audit_finding (day, rule);
CREATE INDEX audit_finding_by_actor ON audit_finding (actor, day);

-- The entries that a finding rests on, the last two hundred of them.
CREATE TABLE audit_finding_entry (
    finding_id TEXT NOT NULL REFERENCES audit_finding (id),
    seq        INTEGER NOT NULL,
    PRIMARY KEY (finding_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_finding_entry_by_seq ON audit_finding_entry (seq);

-- What people write about findings and reviews. Apart, because free words may
-- have to be erased and the ledger may not.
CREATE TABLE audit_note (
    id         TEXT PRIMARY KEY NOT NULL,
    finding_id TEXT REFERENCES audit_finding (id),
    review_id  TEXT REFERENCES audit_review (id),
    at         INTEGER NOT NULL,          -- Unix ms
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    text       TEXT,                      -- null once it was erased
    CHECK ((finding_id IS NULL) <> (review_id IS NULL))
) STRICT;

CREATE INDEX audit_note_by_finding ON audit_note (finding_id) WHERE finding_id IS NOT NULL;
CREATE INDEX audit_note_by_review ON audit_note (review_id) WHERE review_id IS NOT NULL;

-- Somebody has looked through the log of some days, and what there was.
CREATE TABLE audit_review (
    id        TEXT PRIMARY KEY NOT NULL,
    first_day TEXT NOT NULL,
    last_day  TEXT NOT NULL,
    staff_id  TEXT REFERENCES staff (id), -- whose doings; null: everybody's
    signed_at INTEGER NOT NULL,           -- Unix ms
    signed_by TEXT NOT NULL REFERENCES staff (id),
    code      TEXT NOT NULL CHECK (code IN ('clean', 'explained', 'incident', 'follow_up')),
    counts    TEXT NOT NULL CHECK (json_valid(counts)), -- as audit::reviews::Counts
    CHECK (first_day <= last_day),
    CHECK (staff_id IS NULL OR staff_id <> signed_by)
) STRICT;

CREATE INDEX audit_review_by_day ON audit_review (last_day);

-- What each person did on a day, for their own usual; what the clinic's hours
-- look like, for the chart; where each person signs in.
CREATE TABLE audit_day (
    actor     TEXT NOT NULL,
    day       TEXT NOT NULL,
    opened    INTEGER NOT NULL,           -- cards
    strangers INTEGER NOT NULL,           -- cards of people who are not of the day's work
    listed    INTEGER NOT NULL,           -- people in lists and searches
    unmasked  INTEGER NOT NULL,           -- IINs
    exported  INTEGER NOT NULL,           -- documents
    PRIMARY KEY (actor, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_day_by_day ON audit_day (day);

CREATE TABLE audit_hour (
    day    TEXT NOT NULL,
    hour   INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23), -- by the clinic's clock
    opened INTEGER NOT NULL,
    PRIMARY KEY (day, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_place (
    actor     TEXT NOT NULL,
    device    TEXT NOT NULL,              -- the browser, in a few words
    network   TEXT NOT NULL,              -- 10.0.4.0/24
    first_day TEXT NOT NULL,
    last_day  TEXT NOT NULL,
    PRIMARY KEY (actor, device, network)
) STRICT, WITHOUT ROWID;

-- What the officer has written down of people who work here: their own phone,
-- when they leave, which cards are theirs or their family's.
CREATE TABLE audit_person (
    staff_id   TEXT PRIMARY KEY NOT NULL REFERENCES staff (id),
    phone      TEXT,                      -- E.164; null where none is given
    leaving_on TEXT                       -- the last day at work; null while none is known
) STRICT;

CREATE TABLE audit_kin (
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    patient_id TEXT NOT NULL REFERENCES patient (id),
    kind       TEXT NOT NULL CHECK (kind IN ('own', 'relative')),
    at         INTEGER NOT NULL,          -- Unix ms
    by_staff   TEXT REFERENCES staff (id),
    PRIMARY KEY (staff_id, patient_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_kin_by_patient ON audit_kin (patient_id);

-- Cards of people whom others are curious about: every look is asked about.
CREATE TABLE audit_watched (
    patient_id TEXT PRIMARY KEY NOT NULL REFERENCES patient (id),
    at         INTEGER NOT NULL,          -- Unix ms
    by_staff   TEXT REFERENCES staff (id)
) STRICT, WITHOUT ROWID;
