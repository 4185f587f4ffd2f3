-- Breaches of personal data (law 94-V art. 25; order 481/НҚ): what happened,
-- whose data was seen, who was told. Rows are added and never changed: what was
-- found out later stands beside what was known first.

CREATE TABLE incident (
    id          TEXT PRIMARY KEY NOT NULL,
    number      INTEGER NOT NULL UNIQUE,  -- in the register, given in order
    detected_at INTEGER NOT NULL,         -- Unix ms: the terms of the law begin with it
    opened_at   INTEGER NOT NULL,         -- Unix ms
    opened_by   TEXT REFERENCES staff (id)
) STRICT;

-- Whose data: the list as it was found in the ledger, and each correction of it.
CREATE TABLE incident_list (
    incident_id TEXT NOT NULL REFERENCES incident (id),
    version     INTEGER NOT NULL CHECK (1 <= version), -- the newest counts
    actor       TEXT,                     -- as the ledger names it; null: any person
    session     TEXT,                     -- null: any
    ip          TEXT,
    device      TEXT,
    from_at     INTEGER NOT NULL,         -- Unix ms, inclusive
    until_at    INTEGER NOT NULL CHECK (from_at < until_at), -- exclusive
    ledger_size INTEGER NOT NULL,         -- events in the ledger when it was read
    people      INTEGER NOT NULL,
    sha256      TEXT NOT NULL CHECK (length(sha256) = 64), -- over the people, see incidents::model
    reason      TEXT NOT NULL,            -- of a correction; '' for the first
    made_at     INTEGER NOT NULL,         -- Unix ms
    made_by     TEXT REFERENCES staff (id),
    PRIMARY KEY (incident_id, version)
) STRICT, WITHOUT ROWID;

-- Frozen: it names the card that was seen, whatever is merged afterwards.
CREATE TABLE incident_person (
    incident_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    patient_id  TEXT NOT NULL,            -- no reference: the list outlives the card
    card        INTEGER NOT NULL,         -- its number
    times       INTEGER NOT NULL,         -- entries of the ledger; 0 when added by hand
    first_at    INTEGER,                  -- Unix ms; null when added by hand
    last_at     INTEGER,
    fields      TEXT NOT NULL CHECK (json_valid(fields)), -- classes of fields, as codes
    ways        TEXT NOT NULL CHECK (json_valid(ways)),   -- seen, exported, changed, sent
    doubtful    INTEGER NOT NULL CHECK (doubtful IN (0, 1)), -- seen within the hour before, maybe again
    PRIMARY KEY (incident_id, version, patient_id),
    FOREIGN KEY (incident_id, version) REFERENCES incident_list (incident_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident_event (
    id          TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incident (id),
    kind        TEXT NOT NULL CHECK (kind IN
        ('detected', 'contained', 'authority_notified', 'subjects_notified', 'noted', 'closed')),
    at          INTEGER NOT NULL,         -- Unix ms: when it happened
    note        TEXT NOT NULL,            -- '' when there is nothing to say
    recorded_at INTEGER NOT NULL,         -- Unix ms
    recorded_by TEXT REFERENCES staff (id)
) STRICT;

CREATE INDEX incident_event_by_incident ON incident_event (incident_id, at);

-- What the notices say, in both languages.
CREATE TABLE incident_story (
    incident_id     TEXT NOT NULL REFERENCES incident (id),
    version         INTEGER NOT NULL CHECK (1 <= version), -- the newest counts
    nature          TEXT NOT NULL CHECK (nature IN ('access', 'distribution', 'change', 'destruction')),
    consequences_ru TEXT NOT NULL,
    consequences_kk TEXT NOT NULL,
    measures_ru     TEXT NOT NULL,
    measures_kk     TEXT NOT NULL,
    advice_ru       TEXT NOT NULL,
    advice_kk       TEXT NOT NULL,
    written_at      INTEGER NOT NULL,     -- Unix ms
    written_by      TEXT REFERENCES staff (id),
    PRIMARY KEY (incident_id, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER incident_is_never_changed BEFORE UPDATE ON incident
BEGIN
    SELECT RAISE(ABORT, 'an incident is added to, not changed');
END;

CREATE TRIGGER incident_is_never_deleted BEFORE DELETE ON incident
BEGIN
    SELECT RAISE(ABORT, 'an incident is added to, not deleted');
END;

CREATE TRIGGER incident_list_is_never_changed BEFORE UPDATE ON incident_list
BEGIN
    SELECT RAISE(ABORT, 'a list is corrected by a newer one');
END;

CREATE TRIGGER incident_list_is_never_deleted BEFORE DELETE ON incident_list
BEGIN
    SELECT RAISE(ABORT, 'a list is corrected by a newer one');
END;

CREATE TRIGGER incident_person_is_never_changed BEFORE UPDATE ON incident_person
BEGIN
    SELECT RAISE(ABORT, 'a list is corrected by a newer one');
END;

CREATE TRIGGER incident_person_is_never_deleted BEFORE DELETE ON incident_person
BEGIN
    SELECT RAISE(ABORT, 'a list is corrected by a newer one');
END;

CREATE TRIGGER incident_event_is_never_changed BEFORE UPDATE ON incident_event
BEGIN
    SELECT RAISE(ABORT, 'what happened is added to, not changed');
END;

CREATE TRIGGER incident_event_is_never_deleted BEFORE DELETE ON incident_event
BEGIN
    SELECT RAISE(ABORT, 'what happened is added to, not deleted');
END;

CREATE TRIGGER incident_story_is_never_changed BEFORE UPDATE ON incident_story
BEGIN
    SELECT RAISE(ABORT, 'a story gets a newer version');
END;

CREATE TRIGGER incident_story_is_never_deleted BEFORE DELETE ON incident_story
BEGIN
    SELECT RAISE(ABORT, 'a story gets a newer version');
END;
