-- Cards that may be one person: offered, told apart, or merged by somebody.

-- Found by an import or by a search through all cards. Waits for a decision.
CREATE TABLE likely_duplicate (
    a        TEXT NOT NULL REFERENCES patient (id),
    b        TEXT NOT NULL REFERENCES patient (id),
    score    REAL NOT NULL CHECK (0 <= score AND score <= 1),
    reasons  TEXT NOT NULL CHECK (json_valid(reasons)), -- codes of interop::matching::Likely
    found_at INTEGER NOT NULL,             -- Unix ms
    PRIMARY KEY (a, b),
    CHECK (a < b)
) STRICT, WITHOUT ROWID;

CREATE INDEX likely_duplicate_by_b ON likely_duplicate (b);
CREATE INDEX likely_duplicate_by_score ON likely_duplicate (score DESC, a, b);

-- Somebody said that these are two people: never offered again.
CREATE TABLE different_people (
    a        TEXT NOT NULL REFERENCES patient (id),
    b        TEXT NOT NULL REFERENCES patient (id),
    at       INTEGER NOT NULL,             -- Unix ms
    staff_id TEXT REFERENCES staff (id),
    PRIMARY KEY (a, b),
    CHECK (a < b)
) STRICT, WITHOUT ROWID;

CREATE INDEX different_people_by_b ON different_people (b);

-- One card was absorbed by another: who decided, and what it brought along,
-- so that the merge can be taken apart again.
CREATE TABLE patient_merge (
    absorbed_id TEXT PRIMARY KEY NOT NULL REFERENCES patient (id),
    kept_id     TEXT NOT NULL REFERENCES patient (id),
    at          INTEGER NOT NULL,          -- Unix ms
    staff_id    TEXT REFERENCES staff (id),
    moved       TEXT NOT NULL CHECK (json_valid(moved)) -- ids by table
) STRICT, WITHOUT ROWID;

CREATE INDEX patient_merge_by_kept ON patient_merge (kept_id);
CREATE INDEX patient_by_merged ON patient (merged_into) WHERE merged_into IS NOT NULL;

-- A consent that ended stays as it was given. Only the card it lies on may
-- change, and only from an absorbed card to the one that absorbed it.
DROP TRIGGER a_consent_that_ended_is_never_changed;

CREATE TRIGGER a_consent_that_ended_is_never_changed
BEFORE UPDATE OF id, number, appointment_id, template_key, template_version, level, language,
    russian, kazakh, phone, identity, tablet_id, session, prepared_at, prepared_by,
    prepared_by_name, expires_at, step, shown_at, html_sha256, accepted_at, scrolled, document,
    document_sha256, signature_svg ON consent
WHEN EXISTS (SELECT 1 FROM consent_end WHERE consent_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'a consent that ended is never changed');
END;

CREATE TRIGGER a_consent_follows_only_its_card BEFORE UPDATE OF patient_id ON consent
WHEN NEW.patient_id <> OLD.patient_id AND NOT EXISTS (
    SELECT 1 FROM patient WHERE id = OLD.patient_id AND merged_into = NEW.patient_id)
BEGIN
    SELECT RAISE(ABORT, 'a consent follows only its card');
END;
