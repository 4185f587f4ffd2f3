-- Telegram beside SMS and WhatsApp: a bot that is asked by long polling, people
-- who shared their own number with it, and buttons under what it writes.

ALTER TABLE message RENAME COLUMN channel TO channel_before;
ALTER TABLE message ADD COLUMN channel TEXT NOT NULL DEFAULT 'sms'
    CHECK (channel IN ('sms', 'whatsapp', 'telegram'));
UPDATE message SET channel = channel_before WHERE channel_before <> 'sms';
ALTER TABLE message DROP COLUMN channel_before;

-- Telegram had its turn: it refused, or the person has blocked the bot.
ALTER TABLE message ADD COLUMN telegram_over INTEGER NOT NULL DEFAULT 0
    CHECK (telegram_over IN (0, 1));

CREATE TABLE channel_choice_now (
    patient_id TEXT PRIMARY KEY NOT NULL REFERENCES patient (id),
    channel    TEXT NOT NULL CHECK (channel IN ('sms', 'whatsapp', 'telegram')),
    at         INTEGER NOT NULL              -- Unix ms
) STRICT, WITHOUT ROWID;

INSERT INTO channel_choice_now SELECT patient_id, channel, at FROM channel_choice;
DROP TABLE channel_choice;
ALTER TABLE channel_choice_now RENAME TO channel_choice;

-- The clinic's bots: the one in use, and those before it, whose chats another
-- bot may not write to. The token is a gateway's.
CREATE TABLE telegram_bot (
    bot_id     INTEGER PRIMARY KEY NOT NULL, -- what its token begins with
    current    INTEGER UNIQUE CHECK (current = 1), -- null: one from before
    username   TEXT NOT NULL,                -- without @; '' until it was asked
    to_all     INTEGER NOT NULL CHECK (to_all IN (0, 1)), -- also to those who chose nothing
    next_id    INTEGER,                      -- updates before this one are kept; null: none is
    next_at    INTEGER,                      -- Unix ms: when that was so
    changed_at INTEGER NOT NULL              -- Unix ms
) STRICT;

-- What Telegram told: kept first, worked through in its order afterwards.
CREATE TABLE telegram_update (
    bot_id      INTEGER NOT NULL,
    update_id   INTEGER NOT NULL,
    body        TEXT NOT NULL,               -- '' once it was worked through
    received_at INTEGER NOT NULL,            -- Unix ms
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'aside')),
    reason      TEXT,                        -- a code: why it was put aside
    attempts    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bot_id, update_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX telegram_update_waiting ON telegram_update (bot_id, update_id) WHERE state = 'waiting';
CREATE INDEX telegram_update_by_age ON telegram_update (received_at);

-- Who talks to the bot. A number is somebody's own only: Telegram says so.
CREATE TABLE telegram_chat (
    bot_id     INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    phone      TEXT,                         -- E.164; null until it was shared, and after /stop
    language   TEXT NOT NULL CHECK (language IN ('ru', 'kk', 'en')),
    met_at     INTEGER NOT NULL,             -- Unix ms, like all below
    linked_at  INTEGER,                      -- the number was shared
    wanted_at  INTEGER,                      -- asked to be written to here, abroad
    blocked_at INTEGER,                      -- the person has blocked the bot
    PRIMARY KEY (bot_id, chat_id),
    CHECK ((phone IS NULL) = (linked_at IS NULL)),
    CHECK (wanted_at IS NULL OR phone IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX telegram_chat_by_phone ON telegram_chat (phone, bot_id) WHERE phone IS NOT NULL;

-- What the buttons under a message mean: opaque to Telegram, good for one thing.
CREATE TABLE telegram_button (
    token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32), -- SHA-256
    message_id TEXT NOT NULL REFERENCES message (id),
    action     TEXT NOT NULL CHECK (action IN ('confirm', 'move', 'cancel')),
    expires_at INTEGER NOT NULL              -- Unix ms
) STRICT, WITHOUT ROWID;

CREATE INDEX telegram_button_by_message ON telegram_button (message_id);
