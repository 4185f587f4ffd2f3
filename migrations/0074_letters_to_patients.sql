-- Patients' e-mail, and messages that go there through the clinic's mail server.

CREATE TABLE patient_email (
    patient_id TEXT PRIMARY KEY NOT NULL REFERENCES patient (id),
    email      TEXT NOT NULL CHECK (email <> ''),
    refused_at INTEGER                   -- Unix ms: its server knows no such mailbox; null: it may
) STRICT, WITHOUT ROWID;

CREATE INDEX patient_email_by_email ON patient_email (lower(email));

DROP VIEW message_due;
-- Rules of tables are changed in their text, as 0063 does.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'CHECK (channel IN (''sms'', ''whatsapp'', ''telegram'', ''instagram''))',
    'CHECK (channel IN (''sms'', ''whatsapp'', ''telegram'', ''instagram'', ''email''))'),
    'AND phone IS NULL AND channel IN (''whatsapp'', ''instagram'')',
    'AND phone IS NULL AND channel IN (''whatsapp'', ''instagram'', ''email'')')
WHERE type = 'table' AND name = 'message';
UPDATE sqlite_schema SET sql = replace(sql,
    'CHECK (channel IN (''sms'', ''whatsapp'', ''telegram''))',
    'CHECK (channel IN (''sms'', ''whatsapp'', ''telegram'', ''email''))')
WHERE type = 'table' AND name = 'channel_choice';
PRAGMA writable_schema = RESET;

-- Where it went when it was for a telephone and left as a letter.
ALTER TABLE message ADD COLUMN mailed_to TEXT CHECK (mailed_to IS NULL
    OR mailed_to <> '' AND address IS NULL);
-- The mail server had its turn.
ALTER TABLE message ADD COLUMN letter_over INTEGER NOT NULL DEFAULT 0
    CHECK (letter_over IN (0, 1));

-- Whoever wants nothing at all wants no letters either.
INSERT INTO writing_choice (patient_id, aim, channel, allowed, at, source, by_staff, reason)
SELECT one.patient_id, one.aim, 'email', 0, one.at, one.source,
    one.by_staff, one.reason
FROM writing_stands AS one
WHERE one.channel = 'sms' AND one.allowed = 0
    AND NOT EXISTS (SELECT 1 FROM writing_stands AS other
        WHERE other.patient_id = one.patient_id AND other.aim = one.aim AND other.allowed = 1);

CREATE VIEW message_due AS
SELECT id, patient_id, purpose, object_kind, object_id, object_stamp, phone, address, reference,
    state, not_after, asked, gateway_id, past_rank, provider_id, channel, language, whatsapp_over,
    telegram_over, due_at, created_at, report_hash,
    (SELECT channel FROM channel_choice WHERE patient_id = message.patient_id) AS choice,
    (SELECT chat.chat_id FROM telegram_chat AS chat JOIN telegram_bot AS bot
        ON bot.current = 1 AND bot.bot_id = chat.bot_id
        WHERE chat.phone = message.phone AND chat.blocked_at IS NULL) AS chat_id,
    EXISTS (SELECT 1 FROM telegram_chat AS chat JOIN telegram_bot AS bot
        ON bot.current = 1 AND bot.bot_id = chat.bot_id
        WHERE chat.phone = message.phone AND chat.wanted_at IS NOT NULL) AS chat_wants,
    (SELECT email FROM patient_email
        WHERE patient_id = message.patient_id AND refused_at IS NULL AND NOT letter_over) AS email,
    (SELECT json_group_array(aim || ' ' || channel || ' ' || allowed) FROM writing_stands
        WHERE patient_id = message.patient_id) AS wanted
FROM message;
