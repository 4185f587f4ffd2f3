-- The clinic's app with Meta for Instagram. The account and its token are a gateway's.
CREATE TABLE instagram_app (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    app_secret   TEXT NOT NULL,           -- goes in, is never shown; '' none: nothing is heard
    verify_token TEXT NOT NULL,           -- what Meta says when it asks for the address
    greets       INTEGER NOT NULL CHECK (greets IN (0, 1)), -- answers a stranger's first message with the way to book
    changed_at   INTEGER NOT NULL         -- Unix ms
) STRICT;
