-- How often somebody's password or code was guessed wrong, by where the guesses
-- came from: what a stranger does elsewhere never slows a known browser down.
CREATE TABLE sign_in_attempt (
    staff_id TEXT NOT NULL REFERENCES staff (id),
    place    BLOB NOT NULL CHECK (length(place) IN (0, 1, 32)), -- see src/access/attempts
    failures INTEGER NOT NULL CHECK (failures > 0), -- since the last success
    last_at  INTEGER NOT NULL,                      -- Unix ms
    PRIMARY KEY (staff_id, place)
) STRICT, WITHOUT ROWID;

INSERT INTO sign_in_attempt (staff_id, place, failures, last_at)
SELECT staff_id, x'', failures, last_failed_at FROM credential
WHERE failures > 0 AND last_failed_at IS NOT NULL;

ALTER TABLE credential DROP COLUMN failures;
ALTER TABLE credential DROP COLUMN last_failed_at;
