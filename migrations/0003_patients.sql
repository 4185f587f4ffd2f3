-- The people in the clinic's care: cards with what the desk needs to know.
-- A card is operational, not the medical record (Health Code 360-VI).

CREATE TABLE patient (
    id            TEXT PRIMARY KEY NOT NULL,
    number        INTEGER NOT NULL UNIQUE,  -- the card's number, given in order
    surname       TEXT NOT NULL,            -- empty when not known
    given         TEXT NOT NULL,
    patronymic    TEXT NOT NULL,
    name          TEXT NOT NULL CHECK (name <> ''), -- surname, given name, patronymic as shown
    birth_date    TEXT,                     -- 2001-12-31; null when not known
    sex           TEXT CHECK (sex IN ('male', 'female')),
    iin           TEXT UNIQUE,              -- 12 digits, checksum verified; null when not known
    iin_unverified TEXT,                    -- as written down, when the checksum fails
    language      TEXT NOT NULL DEFAULT 'ru' CHECK (language IN ('ru', 'kk', 'en')),
    allergy       TEXT NOT NULL DEFAULT '',
    source        TEXT NOT NULL DEFAULT '', -- how the patient heard of the clinic
    note          TEXT NOT NULL DEFAULT '',
    card_kind     TEXT NOT NULL DEFAULT 'dental' CHECK (card_kind IN ('dental', 'outpatient', 'inpatient')),
    version       INTEGER NOT NULL DEFAULT 1,
    registered_at INTEGER NOT NULL,         -- Unix ms
    merged_into   TEXT REFERENCES patient (id) -- null while the card stands for itself
) STRICT;

CREATE INDEX patient_by_name ON patient (name);

CREATE TABLE patient_phone (
    patient_id TEXT NOT NULL REFERENCES patient (id),
    position   INTEGER NOT NULL,            -- 0 is the one to write to
    phone      TEXT NOT NULL,               -- E.164
    reversed   TEXT NOT NULL,               -- the same digits from the last to the first
    PRIMARY KEY (patient_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX patient_phone_by_start ON patient_phone (phone);
CREATE INDEX patient_phone_by_end ON patient_phone (reversed);

-- What was written down as a phone number and is none: too short, a landline
-- without its code. Kept so that nothing is lost.
CREATE TABLE patient_contact (
    id         INTEGER PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patient (id),
    text       TEXT NOT NULL
) STRICT;

CREATE INDEX patient_contact_by_patient ON patient_contact (patient_id);

-- Corrections keep the old value.
CREATE TABLE patient_change (
    patient_id TEXT NOT NULL REFERENCES patient (id),
    version    INTEGER NOT NULL,            -- the version that was replaced
    at         INTEGER NOT NULL,            -- Unix ms
    before     TEXT NOT NULL CHECK (json_valid(before)),
    PRIMARY KEY (patient_id, version)
) STRICT, WITHOUT ROWID;

-- Names are searched by their folded form (contact::name::fold): by the
-- beginnings of words, and by trigrams for slips of the finger.
CREATE VIRTUAL TABLE patient_words USING fts5 (
    folded, content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61'
);
CREATE VIRTUAL TABLE patient_grams USING fts5 (
    folded, content = '', contentless_delete = 1, tokenize = 'trigram'
);

-- Deleted people must not linger in the index (SECURITY.md, surprise 5).
INSERT INTO patient_words (patient_words, rank) VALUES ('secure-delete', 1);
INSERT INTO patient_grams (patient_grams, rank) VALUES ('secure-delete', 1);
