-- What the bot says in dialogues stands in the conversation, as the bot's own.
CREATE TABLE bot_line (
    id              INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    heard           TEXT NOT NULL UNIQUE, -- the messenger's number of what it answers
    text            TEXT NOT NULL,       -- what opens something is taken out
    choices         TEXT NOT NULL CHECK (json_valid(choices)), -- their words, in order
    said_at         INTEGER NOT NULL,    -- Unix ms; until it is said: since when it is to be
    fate            TEXT NOT NULL CHECK (fate IN ('waiting', 'said', 'uncertain', 'lost')),
    object_id       TEXT,                -- the visit whose move it tells of
    object_stamp    TEXT,                -- how that stood then, as messages about it have it
    CHECK ((object_id IS NULL) = (object_stamp IS NULL))
) STRICT;

CREATE INDEX bot_line_of ON bot_line (conversation_id, said_at);
CREATE INDEX bot_line_about ON bot_line (object_id) WHERE object_id IS NOT NULL;
