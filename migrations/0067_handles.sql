-- People whose address on a channel is no telephone: who hides the number in
-- WhatsApp, who writes by Instagram. What the desk answers them goes by that
-- channel and by nothing else.
DROP VIEW message_due;
-- Rules of a table are changed in its text, as 0063 does.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
    'phone       TEXT NOT NULL,', 'phone       TEXT,'),
    'CHECK (purpose = ''staff_text'' OR', 'CHECK (purpose IN (''staff_text'', ''dialogue'') OR'),
    'CHECK (channel IN (''sms'', ''whatsapp'', ''telegram''))',
    'CHECK (channel IN (''sms'', ''whatsapp'', ''telegram'', ''instagram''))')
WHERE type = 'table' AND name = 'message';
PRAGMA writable_schema = RESET;

-- What the messenger calls the person; null: `phone` is where it goes.
ALTER TABLE message ADD COLUMN address TEXT CHECK (address <> ''
    AND phone IS NULL AND channel IN ('whatsapp', 'instagram')
    OR address IS NULL AND phone IS NOT NULL);

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
    (SELECT json_group_array(aim || ' ' || channel || ' ' || allowed) FROM writing_stands
        WHERE patient_id = message.patient_id) AS wanted
FROM message;

-- As people without a number call themselves; '': it was not told, or the number is known.
ALTER TABLE conversation ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- Asks for a number where there is none.
INSERT INTO quick_reply (name, ru, kk, changed_at)
VALUES ('Номер телефона',
    'Напишите, пожалуйста, номер телефона: по нему мы запишем вас и предупредим, если что-то изменится.',
    'Телефон нөміріңізді жазыңызшы: сол арқылы сізді жазып, өзгеріс болса, хабарлаймыз.', 0);
