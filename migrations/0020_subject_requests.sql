-- What people ask about their own data (law 94-V art. 8, 19-1, 24, 25): each
-- request in the register, its steps, and the blocking of what must be kept.

CREATE TABLE subject_request (
    id          TEXT PRIMARY KEY NOT NULL,
    number      INTEGER NOT NULL UNIQUE,  -- in the register, given in order
    kind        TEXT NOT NULL CHECK (kind IN
        ('access', 'correction', 'blocking', 'destruction', 'withdrawal', 'objection')),
    patient_id  TEXT REFERENCES patient (id), -- null when whoever asks has no card here
    way         TEXT NOT NULL CHECK (way IN ('in_person', 'post', 'email', 'phone', 'egov')),
    requester   TEXT NOT NULL CHECK (requester IN ('patient', 'representative')),
    applicant   TEXT NOT NULL,            -- the name, when it is not the patient's; else ''
    contact     TEXT NOT NULL,            -- where the answer goes; '' for the patient's own
    wish        TEXT NOT NULL,            -- what is asked for, in their words
    received_at INTEGER NOT NULL,         -- Unix ms: the term begins with it
    recorded_at INTEGER NOT NULL,         -- Unix ms
    recorded_by TEXT REFERENCES staff (id),
    CHECK (requester = 'patient' OR applicant <> ''),
    CHECK (patient_id IS NOT NULL OR applicant <> '')
) STRICT;

CREATE INDEX subject_request_by_patient ON subject_request (patient_id);

-- The state is that of the newest step.
CREATE TABLE subject_request_step (
    id         INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES subject_request (id),
    state      TEXT NOT NULL CHECK (state IN
        ('received', 'identified', 'in_work', 'answered', 'refused')),
    document   TEXT CHECK (document IN
        ('id_card', 'passport', 'residence_permit', 'birth_certificate', 'power_of_attorney',
         'digital_id')),                  -- by what the identity was checked: the kind, no number
    reason     TEXT CHECK (reason IN
        ('not_identified', 'not_authorised', 'obligation', 'kept_by_law', 'no_data', 'unfounded')),
    basis      TEXT NOT NULL,             -- of a refusal, as it counted then; else ''
    note_ru    TEXT NOT NULL,             -- for the answer
    note_kk    TEXT NOT NULL,
    at         INTEGER NOT NULL,          -- Unix ms
    by_staff   TEXT REFERENCES staff (id),
    CHECK ((state = 'refused') = (reason IS NOT NULL)),
    CHECK ((state = 'identified') = (document IS NOT NULL))
) STRICT;

CREATE INDEX subject_request_step_by_request ON subject_request_step (request_id, id);

CREATE TRIGGER subject_request_is_never_changed BEFORE UPDATE OF
    id, number, kind, way, requester, applicant, contact, wish, received_at, recorded_at, recorded_by
    ON subject_request -- only a merge of cards moves it to another
BEGIN
    SELECT RAISE(ABORT, 'a request is answered, not changed');
END;

CREATE TRIGGER subject_request_is_never_deleted BEFORE DELETE ON subject_request
BEGIN
    SELECT RAISE(ABORT, 'a request is answered, not deleted');
END;

CREATE TRIGGER subject_request_step_is_never_changed BEFORE UPDATE ON subject_request_step
BEGIN
    SELECT RAISE(ABORT, 'a step is followed by another, not changed');
END;

CREATE TRIGGER subject_request_step_is_never_deleted BEFORE DELETE ON subject_request_step
BEGIN
    SELECT RAISE(ABORT, 'a step is followed by another, not deleted');
END;

-- On what law a refusal rests: the newest version of each counts from its day on.
CREATE TABLE refusal_basis (
    reason         TEXT NOT NULL CHECK (reason IN
        ('not_identified', 'not_authorised', 'obligation', 'kept_by_law', 'no_data', 'unfounded')),
    version        INTEGER NOT NULL CHECK (1 <= version),
    basis          TEXT NOT NULL CHECK (basis <> ''),
    source         TEXT NOT NULL,
    checked_on     TEXT NOT NULL,
    confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)), -- by the clinic's lawyer
    effective_from TEXT NOT NULL,
    PRIMARY KEY (reason, version)
) STRICT, WITHOUT ROWID;

INSERT INTO refusal_basis (reason, version, basis, source, checked_on, confirmed, effective_from) VALUES
    ('not_identified', 1, 'Закон РК 94-V, ст. 24: сведения выдаются субъекту персональных данных; личность обратившегося не подтверждена',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26'),
    ('not_authorised', 1, 'Закон РК 94-V, ст. 24; Кодекс РК 360-VI, ст. 273: тайна медицинского работника; полномочия представителя не подтверждены',
     'https://adilet.zan.kz/rus/docs/K2000000360', '2026-11-22', 0, '2020-07-18'),
    ('obligation', 1, 'Закон РК 94-V, ст. 8 п. 2: согласие нельзя отозвать, если это противоречит закону или осталось неисполненное обязательство',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26'),
    ('kept_by_law', 1, 'Цифровой кодекс РК 255-VIII, ст. 41 п. 3: данные, которые обязывает хранить закон, не уничтожаются; их обработка прекращается',
     'https://adilet.zan.kz/rus/docs/K2600000255', '2026-11-22', 0, '2026-07-12'),
    ('no_data', 1, 'Закон РК 94-V, ст. 24: данных обратившегося у оператора нет',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26'),
    ('unfounded', 1, 'Закон РК 94-V, ст. 25: нет основания изменить, заблокировать или уничтожить данные, нарушение не установлено',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26');

-- Data that is kept and not used: not found, not shown to staff, not written
-- to, until somebody lifts it for a reason.
CREATE TABLE patient_block (
    id          TEXT PRIMARY KEY NOT NULL,
    patient_id  TEXT NOT NULL REFERENCES patient (id),
    request_id  TEXT REFERENCES subject_request (id), -- null when the officer decided
    reason      TEXT NOT NULL CHECK (reason IN ('asked', 'withdrawal', 'objection', 'destruction', 'unlawful')),
    basis       TEXT NOT NULL CHECK (basis <> ''), -- the law, for people
    until       TEXT,                     -- 2052-01-01: when the law lets it be destroyed; null: not known
    blocked_at  INTEGER NOT NULL,         -- Unix ms
    blocked_by  TEXT REFERENCES staff (id),
    lifted_at   INTEGER,                  -- Unix ms; null while it stands
    lifted_by   TEXT REFERENCES staff (id),
    lift_reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX patient_block_stands_once ON patient_block (patient_id) WHERE lifted_at IS NULL;

CREATE TRIGGER patient_block_is_only_lifted BEFORE UPDATE OF
    id, request_id, reason, basis, until, blocked_at, blocked_by ON patient_block
BEGIN
    SELECT RAISE(ABORT, 'a block is lifted, not changed');
END;

CREATE TRIGGER patient_block_is_never_deleted BEFORE DELETE ON patient_block
BEGIN
    SELECT RAISE(ABORT, 'a block is lifted, not deleted');
END;
