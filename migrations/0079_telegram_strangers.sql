-- Whoever writes to the bot before their number is known is answered in their chat.
-- Rules of a table are changed in its text, as 0063 does.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'AND phone IS NULL AND channel IN (''whatsapp'', ''instagram'', ''email'')',
    'AND phone IS NULL AND channel IN (''whatsapp'', ''instagram'', ''email'', ''telegram'')')
WHERE type = 'table' AND name = 'message';
PRAGMA writable_schema = RESET;

-- Unix ms: when they were asked for their number last; null: never.
ALTER TABLE telegram_chat ADD COLUMN asked_at INTEGER;
-- Unix ms: /stop was said; null: they wrote since, or never said it.
ALTER TABLE telegram_chat ADD COLUMN stopped_at INTEGER;
