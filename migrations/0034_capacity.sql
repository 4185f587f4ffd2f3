-- What the empty-chair ledger goes by.
CREATE TABLE capacity_rule (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    late_minutes INTEGER NOT NULL CHECK (late_minutes BETWEEN 0 AND 20160) -- a cancellation with less notice came too late to sell the time again
) STRICT;

INSERT INTO capacity_rule VALUES (1, 1440);
