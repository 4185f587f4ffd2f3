-- What patients agree to, on which bytes, and the proof.

-- The wording: versions that are never changed.
CREATE TABLE consent_template (
    key          TEXT NOT NULL,               -- `dental-treatment`
    version      INTEGER NOT NULL CHECK (version >= 1),
    russian      TEXT NOT NULL,
    kazakh       TEXT NOT NULL,
    sha256       TEXT NOT NULL CHECK (length(sha256) = 64), -- over both texts
    published_at INTEGER NOT NULL,            -- Unix ms
    published_by TEXT NOT NULL,               -- a name, for people
    PRIMARY KEY (key, version)
) STRICT;

CREATE TRIGGER consent_template_is_never_changed BEFORE UPDATE ON consent_template
BEGIN
    SELECT RAISE(ABORT, 'a published wording is never changed');
END;

CREATE TRIGGER consent_template_is_never_deleted BEFORE DELETE ON consent_template
BEGIN
    SELECT RAISE(ABORT, 'a published wording is never deleted');
END;

-- Tablets in patients' hands.
CREATE TABLE tablet (
    id           TEXT PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL,
    token_hash   BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- SHA-256 of the cookie
    paired_at    INTEGER NOT NULL,            -- Unix ms
    paired_by    TEXT NOT NULL REFERENCES staff (id),
    last_seen_at INTEGER NOT NULL,            -- Unix ms, written at most every ten minutes
    revoked_at   INTEGER,                     -- Unix ms
    revoked_by   TEXT REFERENCES staff (id)
) STRICT;

-- A code shown to staff, to be typed on the tablet.
CREATE TABLE tablet_pairing (
    code_hash  BLOB PRIMARY KEY NOT NULL CHECK (length(code_hash) = 32), -- keyed digest
    name       TEXT NOT NULL,                 -- what the tablet will be called
    made_by    TEXT NOT NULL REFERENCES staff (id),
    expires_at INTEGER NOT NULL,              -- Unix ms
    used_at    INTEGER                        -- Unix ms
) STRICT, WITHOUT ROWID;

-- Phones of staff: no patient's code goes there (a member of staff could sign
-- for a patient with it).
CREATE TABLE consent_staff_phone (
    phone    TEXT PRIMARY KEY NOT NULL,       -- E.164
    note     TEXT NOT NULL,                   -- whose
    added_at INTEGER NOT NULL                 -- Unix ms
) STRICT;

-- The last number given to a consent in a year.
CREATE TABLE consent_number (
    year INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

-- One document given to one patient.
CREATE TABLE consent (
    id               TEXT PRIMARY KEY NOT NULL,
    number           TEXT NOT NULL UNIQUE,    -- `2026-000042`
    patient_id       TEXT NOT NULL,
    appointment_id   TEXT,                    -- null when given apart from a visit
    template_key     TEXT NOT NULL,
    template_version INTEGER NOT NULL,
    level            TEXT NOT NULL CHECK (level IN ('L1', 'L2', 'L3')),
    language         TEXT NOT NULL CHECK (language IN ('ru', 'kk')),
    russian          TEXT NOT NULL CHECK (json_valid(russian)), -- the document, nothing ticked
    kazakh           TEXT NOT NULL CHECK (json_valid(kazakh)),
    phone            TEXT,                    -- E.164, as on the card when it was prepared
    identity         TEXT CHECK (identity IS NULL OR json_valid(identity)),
    tablet_id        TEXT REFERENCES tablet (id), -- null for paper only
    session          TEXT NOT NULL,           -- of the tablet: codes are bound to it
    prepared_at      INTEGER NOT NULL,        -- Unix ms
    prepared_by      TEXT NOT NULL REFERENCES staff (id),
    prepared_by_name TEXT NOT NULL,
    expires_at       INTEGER NOT NULL,        -- Unix ms
    step             TEXT NOT NULL CHECK (step IN ('read', 'sign', 'code', 'paper')),
    shown_at         INTEGER,                 -- Unix ms, of the language in force
    html_sha256      TEXT,                    -- of the page as shown
    accepted_at      INTEGER,                 -- Unix ms; read and ticked
    scrolled         INTEGER NOT NULL DEFAULT 0 CHECK (scrolled IN (0, 1)),
    document         TEXT CHECK (document IS NULL OR json_valid(document)), -- as ticked
    document_sha256  BLOB CHECK (document_sha256 IS NULL OR length(document_sha256) = 32),
    signature_svg    TEXT,
    FOREIGN KEY (template_key, template_version) REFERENCES consent_template (key, version)
) STRICT;

CREATE INDEX consent_by_patient ON consent (patient_id, prepared_at);
CREATE INDEX consent_by_tablet ON consent (tablet_id, prepared_at);
CREATE INDEX consent_by_day ON consent (prepared_at);

-- A code that was sent. The digits are stored nowhere.
CREATE TABLE consent_code (
    consent_id  TEXT NOT NULL REFERENCES consent (id),
    sent_at     INTEGER NOT NULL,             -- Unix ms
    phone       TEXT NOT NULL,                -- E.164
    mac         BLOB NOT NULL CHECK (length(mac) IN (0, 32)), -- empty once it was used
    nonce       BLOB NOT NULL CHECK (length(nonce) = 16),
    document    BLOB NOT NULL CHECK (length(document) = 32),
    message     TEXT NOT NULL,                -- in the outbox
    wrong       INTEGER NOT NULL DEFAULT 0,
    used_at     INTEGER,                      -- Unix ms
    replaced_at INTEGER,                      -- Unix ms
    PRIMARY KEY (consent_id, sent_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_code_by_phone ON consent_code (phone, sent_at);

-- How it ended: once, for good.
CREATE TABLE consent_end (
    consent_id   TEXT PRIMARY KEY NOT NULL REFERENCES consent (id),
    outcome      TEXT NOT NULL CHECK (outcome IN
        ('signed', 'signed_on_paper', 'refused', 'cancelled', 'expired')),
    at           INTEGER NOT NULL,            -- Unix ms
    by_name      TEXT NOT NULL,               -- of staff; empty when the patient or the clock did it
    evidence     TEXT CHECK (evidence IS NULL OR json_valid(evidence)),
    document_pdf TEXT,                        -- file in the store, by its hash
    signed_pdf   TEXT,                        -- the same; the scan of a paper
    CHECK (outcome <> 'signed' OR
        (evidence IS NOT NULL AND document_pdf IS NOT NULL AND signed_pdf IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER consent_end_is_never_changed BEFORE UPDATE ON consent_end
BEGIN
    SELECT RAISE(ABORT, 'how a consent ended is never changed');
END;

CREATE TRIGGER a_code_cannot_sign_at_level_3 BEFORE INSERT ON consent_end
WHEN NEW.outcome = 'signed' AND (SELECT level FROM consent WHERE id = NEW.consent_id) = 'L3'
BEGIN
    SELECT RAISE(ABORT, 'level 3 is signed on paper');
END;

CREATE TRIGGER a_consent_that_ended_is_never_changed BEFORE UPDATE ON consent
WHEN EXISTS (SELECT 1 FROM consent_end WHERE consent_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'a consent that ended is never changed');
END;

-- The sealed pack of a signed consent, made soon after.
CREATE TABLE consent_pack (
    consent_id TEXT PRIMARY KEY NOT NULL REFERENCES consent (id),
    file       TEXT NOT NULL,                 -- in the store, by its hash
    made_at    INTEGER NOT NULL               -- Unix ms
) STRICT, WITHOUT ROWID;

-- The patient no longer agrees. What was done before stays lawful.
CREATE TABLE consent_withdrawal (
    consent_id TEXT PRIMARY KEY NOT NULL REFERENCES consent (id),
    at         INTEGER NOT NULL,              -- Unix ms
    by_staff   TEXT NOT NULL REFERENCES staff (id),
    by_name    TEXT NOT NULL,
    way        TEXT NOT NULL CHECK (way IN ('in_person', 'by_phone', 'in_writing'))
) STRICT, WITHOUT ROWID;
