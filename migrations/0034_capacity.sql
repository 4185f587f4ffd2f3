-- What the empty-chair ledger goes by. One row.
CREATE TABLE capacity_rule (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    late_minutes    INTEGER NOT NULL CHECK (late_minutes BETWEEN 0 AND 20160), -- a cancellation with less notice came too late to sell the time again
    chair_hour_tiyn INTEGER CHECK (chair_hour_tiyn BETWEEN 1 AND 1000000000), -- what the owner says an hour of a chair is worth; null: what was done in it says
    changed_at      INTEGER NOT NULL,       -- Unix ms; 0 as shipped
    changed_by      TEXT REFERENCES staff (id)
) STRICT;

INSERT INTO capacity_rule VALUES (1, 1440, NULL, 0, NULL);
