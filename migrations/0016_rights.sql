-- What somebody may do beyond their role, and whose data they reach.

-- A role of the clinic's own: a name, and what it may do in place of what
-- the role of whoever holds it may. Changing one writes a new version.
CREATE TABLE custom_role (
    id         TEXT PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL UNIQUE,
    version    INTEGER NOT NULL CHECK (1 <= version),
    changed_at INTEGER NOT NULL,              -- Unix ms
    changed_by TEXT REFERENCES staff (id),    -- null: the console
    retired_at INTEGER                        -- Unix ms; null while it can be given
) STRICT;

-- The permissions of each version, by the names of src/vault/permission.rs.
CREATE TABLE custom_role_right (
    custom_role_id TEXT NOT NULL REFERENCES custom_role (id),
    version     INTEGER NOT NULL,
    name        TEXT NOT NULL,
    PRIMARY KEY (custom_role_id, version, name)
) STRICT, WITHOUT ROWID;

ALTER TABLE staff ADD COLUMN custom_role_id TEXT REFERENCES custom_role (id);

-- For a time somebody may do what a role or a custom one may, beside what they
-- may anyhow: standing in for a colleague, or an errand.
CREATE TABLE deputation (
    id          TEXT PRIMARY KEY NOT NULL,
    staff_id    TEXT NOT NULL REFERENCES staff (id),
    for_id      TEXT REFERENCES staff (id),   -- for whom; null: an errand
    role        TEXT,                         -- one of these two
    custom_role_id TEXT REFERENCES custom_role (id),
    from_at     INTEGER NOT NULL,             -- Unix ms
    until_at    INTEGER NOT NULL,             -- Unix ms
    reason      TEXT NOT NULL CHECK (reason <> ''),
    given_by    TEXT REFERENCES staff (id),   -- null: the console
    given_at    INTEGER NOT NULL,             -- Unix ms
    ended_at    INTEGER,                      -- Unix ms; ended before its time
    CHECK (from_at < until_at),
    CHECK ((role IS NULL) <> (custom_role_id IS NULL))
) STRICT;

CREATE INDEX deputation_of ON deputation (staff_id, until_at);

-- An account that a system administrator opened or reset, and that nobody can
-- sign in to before somebody else has said yes (SECURITY.md 5.1: whoever keeps
-- the machine running does not let themselves in to patients).
CREATE TABLE account_hold (
    staff_id    TEXT NOT NULL REFERENCES staff (id),
    proposed_at INTEGER NOT NULL,             -- Unix ms
    proposed_by TEXT NOT NULL REFERENCES staff (id),
    cause       TEXT NOT NULL CHECK (cause IN ('added', 'reset')),
    released_at INTEGER,                      -- Unix ms
    released_by TEXT REFERENCES staff (id),
    PRIMARY KEY (staff_id, proposed_at),
    CHECK ((released_at IS NULL) = (released_by IS NULL)),
    CHECK (released_by IS NULL OR released_by <> proposed_by)
) STRICT, WITHOUT ROWID;

-- Whose cards those open who do not hold `patients.everybody`: nobody's but
-- their own patients', whom they treat within so many days before or after
-- today; or everybody's. The last row counts.
CREATE TABLE reach_rule (
    version    INTEGER PRIMARY KEY,
    scope      TEXT NOT NULL CHECK (scope IN ('own', 'everybody')),
    days       INTEGER NOT NULL CHECK (days BETWEEN 0 AND 3650),
    changed_at INTEGER NOT NULL,              -- Unix ms
    changed_by TEXT REFERENCES staff (id)     -- null: as delivered
) STRICT;

INSERT INTO reach_rule (version, scope, days, changed_at, changed_by) VALUES (1, 'own', 30, 0, NULL);

-- One person opened one card that is not their patient's, because they had to.
CREATE TABLE emergency_access (
    id         TEXT PRIMARY KEY NOT NULL,
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    patient_id TEXT NOT NULL REFERENCES patient (id),
    cause      TEXT NOT NULL CHECK (cause IN ('acute', 'on_call', 'second_opinion', 'inquiry', 'other')),
    reason     TEXT NOT NULL CHECK (length(reason) >= 10), -- in words; never in the ledger
    opened_at  INTEGER NOT NULL,              -- Unix ms
    until_at   INTEGER NOT NULL,              -- Unix ms
    closed_at  INTEGER,                       -- Unix ms; given back before its time
    CHECK (opened_at < until_at)
) STRICT;

CREATE INDEX emergency_access_of ON emergency_access (patient_id, staff_id);

-- What somebody else thought of it: every one is looked at.
CREATE TABLE emergency_review (
    access_id   TEXT PRIMARY KEY NOT NULL REFERENCES emergency_access (id),
    staff_id    TEXT NOT NULL REFERENCES staff (id),
    at          INTEGER NOT NULL,             -- Unix ms
    verdict     TEXT NOT NULL CHECK (verdict IN ('justified', 'unjustified')),
    note        TEXT NOT NULL                 -- '' where there is nothing to say
) STRICT;

-- Whom somebody reaches, from when until when (UTC, before `until`): what the
-- vault asks before it opens a card to whoever lacks `patients.everybody`.
CREATE VIEW patient_in_reach (staff_id, patient_id, since, until) AS
SELECT resource.staff_id, appointment.patient_id,
    date(appointment.starts, '-' || rule.days || ' days'),
    date(appointment.starts, '+' || (rule.days + 1) || ' days')
FROM appointment
JOIN resource ON resource.id = appointment.doctor_id
JOIN reach_rule AS rule ON rule.version = (SELECT max(version) FROM reach_rule)
WHERE appointment.status <> 'moved' AND resource.staff_id IS NOT NULL
UNION ALL
SELECT staff_id, patient_id, strftime('%Y-%m-%dT%H:%M:%S', opened_at / 1000, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%S', coalesce(closed_at, until_at) / 1000, 'unixepoch')
FROM emergency_access
UNION ALL
SELECT staff.id, patient.id, '', '~'
FROM staff JOIN patient
JOIN reach_rule AS rule ON rule.version = (SELECT max(version) FROM reach_rule)
WHERE rule.scope = 'everybody';
