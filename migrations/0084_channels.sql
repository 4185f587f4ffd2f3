-- The authority of an operator's SMPP centre, as PEM: it alone is trusted then. Null: those of the system.
ALTER TABLE gateway ADD COLUMN ca TEXT;

-- What the last trial of an Instagram account found.
CREATE TABLE instagram_trial (
    gateway_id INTEGER PRIMARY KEY NOT NULL REFERENCES gateway (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,          -- Unix ms
    username   TEXT NOT NULL,             -- without the @; '': Meta did not tell it
    found      TEXT NOT NULL CHECK (found <> '') -- messaging::instagram::Found
) STRICT;
