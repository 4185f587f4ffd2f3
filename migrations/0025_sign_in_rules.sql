-- How the clinic lets its people in: with how many factors, for how long an
-- untouched screen stays open, and by which passkeys.

-- A rule of the whole clinic ('clinic'), of a built-in role (its name) or of one
-- of the clinic's own (its id). The last row of each holder counts; the others
-- say what was so before. Without a row of its own a role asks for two factors,
-- and its screens are locked as the clinic's.
CREATE TABLE sign_in_rule (
    version       INTEGER PRIMARY KEY,
    holder        TEXT NOT NULL,
    second_factor TEXT NOT NULL CHECK (second_factor IN ('required', 'optional')),
    idle_lock_s   INTEGER CHECK (idle_lock_s BETWEEN 60 AND 900), -- null: the clinic's
    changed_at    INTEGER NOT NULL,           -- Unix ms
    changed_by    TEXT REFERENCES staff (id), -- null: as delivered, or the console
    CHECK (holder <> 'clinic' OR idle_lock_s IS NOT NULL),
    -- Whoever could let themselves in everywhere never does so by a password alone.
    CHECK (holder NOT IN ('clinic', 'owner', 'sysadmin', 'compliance') OR second_factor = 'required')
) STRICT;

CREATE INDEX sign_in_rule_of ON sign_in_rule (holder, version);

INSERT INTO sign_in_rule (version, holder, second_factor, idle_lock_s, changed_at, changed_by)
VALUES (1, 'clinic', 'required', 300, 0, NULL);

CREATE VIEW sign_in_rule_now (holder, second_factor, idle_lock_s, changed_at, changed_by, version) AS
SELECT holder, second_factor, idle_lock_s, changed_at, changed_by, version
FROM sign_in_rule AS rule
WHERE version = (SELECT max(version) FROM sign_in_rule WHERE holder = rule.holder);

-- With how many factors a session began, and when its owner locked it by hand:
-- it is locked after a restart as well.
ALTER TABLE session ADD COLUMN factors INTEGER NOT NULL DEFAULT 2 CHECK (factors IN (1, 2));
ALTER TABLE session ADD COLUMN locked_at INTEGER; -- Unix ms

-- A key that an authenticator keeps for one person and this server (W3C Web
-- Authentication). Only the public half is here.
CREATE TABLE passkey (
    id         TEXT PRIMARY KEY NOT NULL,
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    credential BLOB NOT NULL UNIQUE CHECK (length(credential) BETWEEN 16 AND 1023),
    public_key BLOB NOT NULL,                -- as webauthn_rp 0.3 encodes StaticState
    state      BLOB NOT NULL CHECK (length(state) = 7), -- its DynamicState: flags, counter
    transports INTEGER NOT NULL,             -- a set of bits: USB, NFC, this device
    host       TEXT NOT NULL,                -- the name of the server it was made for
    name       TEXT NOT NULL CHECK (name <> ''), -- the owner's word for it
    made_at    INTEGER NOT NULL,             -- Unix ms
    used_at    INTEGER,                      -- Unix ms
    suspect_at INTEGER                       -- Unix ms; its counter went back: it opens nothing
) STRICT;

CREATE INDEX passkey_of ON passkey (staff_id);
