-- What keeps codes from being guessed and SMS from being pumped.

-- Wrong pairing codes of the last day.
CREATE TABLE tablet_join_failure (
    at      INTEGER NOT NULL,                 -- Unix ms
    address TEXT NOT NULL                     -- where it came from; empty when unknown
) STRICT;

CREATE INDEX tablet_join_failure_by_time ON tablet_join_failure (at);

-- Codes of the whole clinic are counted by time.
CREATE INDEX consent_code_by_time ON consent_code (sent_at);
