-- Buttons under a message mean the same by whichever messenger it went.
DROP INDEX whatsapp_button_by_message;
ALTER TABLE whatsapp_button RENAME TO message_button;
ALTER TABLE message_button ADD COLUMN channel TEXT NOT NULL DEFAULT 'whatsapp'
    CHECK (channel IN ('whatsapp', 'telegram')); -- what brings it back
INSERT INTO message_button (token_hash, message_id, action, expires_at, channel)
SELECT token_hash, message_id, action, expires_at, 'telegram' FROM telegram_button;
DROP TABLE telegram_button;
CREATE INDEX message_button_by_message ON message_button (message_id);
CREATE INDEX message_button_by_age ON message_button (expires_at);

-- What the worker has to know of a message to find its way, said once.
CREATE VIEW message_due AS
SELECT id, patient_id, purpose, object_kind, object_id, object_stamp, phone, reference, state,
    not_after, asked, gateway_id, past_rank, provider_id, channel, language, whatsapp_over,
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
