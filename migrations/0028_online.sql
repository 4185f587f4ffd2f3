-- Online booking: what patients book themselves on the public listener.
-- Everything a clinic may want otherwise is a row here, not a constant.

-- Until when a patient may move or cancel by the link of a message.
CREATE TABLE answer_rule (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    cutoff_minutes INTEGER NOT NULL CHECK (cutoff_minutes BETWEEN 0 AND 10080) -- before it begins
) STRICT;

INSERT INTO answer_rule (id, cutoff_minutes) VALUES (1, 120);

-- Appointments that stand only until somebody at the desk agrees to them. They
-- take up what they need like any other: see `reservation`.
CREATE TABLE appointment_hold (
    appointment_id TEXT PRIMARY KEY NOT NULL REFERENCES appointment (id),
    until          INTEGER NOT NULL,         -- Unix ms: then the time is free again
    outcome        TEXT CHECK (outcome IN ('approved', 'declined', 'expired')), -- null while it waits
    ended_at       INTEGER,                  -- Unix ms
    ended_by       TEXT REFERENCES staff (id), -- null: the clock
    CHECK ((outcome IS NULL) = (ended_at IS NULL))
) STRICT;

CREATE INDEX appointment_hold_waiting ON appointment_hold (until) WHERE outcome IS NULL;

-- How the clinic wants it. One row.
CREATE TABLE online_settings (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    notice_minutes  INTEGER NOT NULL CHECK (notice_minutes BETWEEN 0 AND 20160), -- not sooner than that
    urgent_minutes  INTEGER NOT NULL CHECK (urgent_minutes BETWEEN 0 AND 1440), -- the same with acute pain
    horizon_days    INTEGER NOT NULL CHECK (horizon_days BETWEEN 1 AND 180), -- not later than that
    hold_minutes    INTEGER NOT NULL CHECK (hold_minutes BETWEEN 5 AND 2880), -- how long the desk may think
    most_open       INTEGER NOT NULL CHECK (1 <= most_open), -- appointments ahead, for each phone
    no_shows        INTEGER NOT NULL CHECK (1 <= no_shows), -- from so many on they have to call
    no_show_days    INTEGER NOT NULL CHECK (1 <= no_show_days), -- counted so far back
    cooldown_seconds INTEGER NOT NULL CHECK (10 <= cooldown_seconds), -- from one code to the next
    codes_per_request INTEGER NOT NULL CHECK (1 <= codes_per_request),
    codes_per_phone INTEGER NOT NULL CHECK (1 <= codes_per_phone), -- all that follow: within 24 hours
    codes_per_net   INTEGER NOT NULL CHECK (1 <= codes_per_net), -- an IPv4 address or an IPv6 /64
    plain_per_net   INTEGER NOT NULL CHECK (0 <= plain_per_net), -- the same without proof of work
    plain_per_day   INTEGER NOT NULL CHECK (0 <= plain_per_day), -- of the whole clinic, without proof
    codes_per_day   INTEGER NOT NULL CHECK (1 <= codes_per_day), -- of the whole clinic
    alarm_at        INTEGER NOT NULL CHECK (1 <= alarm_at), -- from so many on staff are told
    work_bits       INTEGER NOT NULL CHECK (work_bits BETWEEN 0 AND 26), -- of the proof of work
    sites           TEXT NOT NULL,           -- JSON: origins that may show the widget
    map_url         TEXT NOT NULL,           -- '' looks for the address on 2GIS
    changed_at      INTEGER                  -- Unix ms; null: as the program came
) STRICT;

-- Limits after SECURITY.md 7.3 and NIST SP 800-63B 5.1.3.
INSERT INTO online_settings VALUES
    (1, 0, 120, 30, 60, 240, 3, 2, 365, 60, 3, 5, 20, 3, 30, 200, 120, 18, '[]', '', NULL);

-- What online booking adds to a service that patients may choose.
CREATE TABLE online_service (
    service_id TEXT PRIMARY KEY NOT NULL REFERENCES service (id),
    moderated  INTEGER NOT NULL CHECK (moderated IN (0, 1)), -- the desk agrees first
    urgent     INTEGER NOT NULL CHECK (urgent IN (0, 1)), -- acute pain: shown first, soonest
    prepare_ru TEXT NOT NULL,                -- what to do and bring; '' where nothing
    prepare_kk TEXT NOT NULL
) STRICT;

-- What patients read of a doctor.
CREATE TABLE online_doctor (
    resource_id TEXT PRIMARY KEY NOT NULL REFERENCES resource (id),
    hidden      INTEGER NOT NULL CHECK (hidden IN (0, 1)), -- books no patient by themselves
    since_year  INTEGER CHECK (since_year BETWEEN 1940 AND 2200), -- in practice since
    about_ru    TEXT NOT NULL,
    about_kk    TEXT NOT NULL
) STRICT;

-- What a patient agrees to when booking: versions that are never changed. Law
-- of the Republic of Kazakhstan 94-V on personal data, art. 7 and 8 (consent
-- names who collects, what, what for, for how long, and to whom it is given).
CREATE TABLE online_consent (
    version      INTEGER PRIMARY KEY CHECK (1 <= version),
    russian      TEXT NOT NULL,
    kazakh       TEXT NOT NULL,
    english      TEXT NOT NULL,
    basis        TEXT NOT NULL,
    checked_on   TEXT NOT NULL,              -- day on which somebody last compared it with the law
    published_at INTEGER NOT NULL,           -- Unix ms; 0: came with the program
    published_by TEXT REFERENCES staff (id)  -- null: the program
) STRICT;

CREATE TRIGGER online_consent_is_never_changed BEFORE UPDATE ON online_consent
BEGIN
    SELECT RAISE(ABORT, 'a published wording is never changed');
END;

CREATE TRIGGER online_consent_is_never_deleted BEFORE DELETE ON online_consent
BEGIN
    SELECT RAISE(ABORT, 'a published wording is never deleted');
END;

INSERT INTO online_consent VALUES (1,
'Я разрешаю клинике собирать и обрабатывать имя, телефон и дату рождения (мои или того, кого записываю), чтобы записать на приём, напомнить о нём и вести карту пациента. Данные хранятся в клинике в Казахстане столько, сколько требует закон, и передаются только оператору связи, который доставляет SMS. Согласие можно отозвать в клинике. Записывая ребёнка или другого человека, я подтверждаю, что вправе действовать от его имени.',
'Қабылдауға жазу, ол туралы еске салу және пациент картасын жүргізу үшін аты-жөнді, телефонды және туған күнді (өзімнің немесе мен жазып отырған адамның) жинауға және өңдеуге клиникаға рұқсат беремін. Деректер Қазақстандағы клиникада заң талап ететін мерзімде сақталады және тек SMS жеткізетін байланыс операторына беріледі. Келісімді клиникада қайтарып алуға болады. Баланы немесе басқа адамды жазғанда оның атынан әрекет етуге құқығым бар екенін растаймын.',
'I allow the clinic to collect and process the name, phone number and date of birth (mine or of the person I book for) in order to make the appointment, remind of it and keep the patient''s card. The data stays at the clinic in Kazakhstan for as long as the law requires and is passed only to the operator that delivers text messages. The consent can be withdrawn at the clinic. When booking for a child or another person I confirm that I may act on their behalf.',
'Law 94-V art. 7, 8', '2026-11-27', 0, NULL);

-- One booking on its way: from the form to what became of it. What was typed is
-- taken out as soon as there is a card, and goes with the row when nobody
-- proved the phone.
CREATE TABLE online_request (
    id              TEXT PRIMARY KEY NOT NULL,
    token_hash      BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- SHA-256 of the link
    form_hash       BLOB NOT NULL UNIQUE CHECK (length(form_hash) = 32), -- a form is taken once
    state           TEXT NOT NULL CHECK (state IN ('code', 'lost', 'call', 'full', 'booked', 'held')),
    created_at      INTEGER NOT NULL,        -- Unix ms, like all below
    expires_at      INTEGER NOT NULL,        -- the link opens nothing later
    proven_at       INTEGER,                 -- the code was right
    service_id      TEXT NOT NULL REFERENCES service (id),
    doctor_id       TEXT REFERENCES resource (id), -- null: any
    starts          TEXT NOT NULL CHECK (length(starts) = 16),
    language        TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    phone           TEXT NOT NULL,           -- E.164; '' once there is a card
    name            TEXT NOT NULL,
    birth           TEXT NOT NULL,           -- 1990 or 1990-05-17; '' where it was not given
    for_other       INTEGER NOT NULL CHECK (for_other IN (0, 1)), -- a child or a relative
    consent_version INTEGER NOT NULL REFERENCES online_consent (version),
    consented_at    INTEGER NOT NULL,
    worked          INTEGER NOT NULL CHECK (worked IN (0, 1)), -- with proof of work
    source          TEXT NOT NULL,           -- code of ?src=: 2gis, google …; '' where none
    campaign        TEXT NOT NULL,           -- JSON: utm_source, utm_medium … as codes
    patient_id      TEXT REFERENCES patient (id),
    appointment_id  TEXT REFERENCES appointment (id)
) STRICT;

CREATE INDEX online_request_by_patient ON online_request (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX online_request_by_appointment ON online_request (appointment_id)
    WHERE appointment_id IS NOT NULL;
CREATE INDEX online_request_made ON online_request (created_at);

-- Codes that were sent. Numbers and addresses are keyed digests: enough to
-- count by, nothing to read.
CREATE TABLE online_code (
    request_id  TEXT NOT NULL,
    sent_at     INTEGER NOT NULL,            -- Unix ms
    mac         BLOB NOT NULL CHECK (length(mac) = 32),
    nonce       BLOB NOT NULL CHECK (length(nonce) = 16),
    bound       BLOB NOT NULL CHECK (length(bound) = 32), -- digest of what it says yes to
    wrong       INTEGER NOT NULL,
    used_at     INTEGER,
    replaced_at INTEGER,
    phone_key   BLOB NOT NULL CHECK (length(phone_key) = 32),
    net_key     BLOB NOT NULL CHECK (length(net_key) = 32),
    worked      INTEGER NOT NULL CHECK (worked IN (0, 1)),
    PRIMARY KEY (request_id, sent_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX online_code_sent ON online_code (sent_at);
