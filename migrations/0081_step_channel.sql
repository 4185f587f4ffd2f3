-- Each step of the reminder chain may have a channel of its own, tried first where
-- the patient has said nothing. What stood there could only be 'sms', and decided
-- nothing.
ALTER TABLE reminder_step DROP COLUMN channel;
ALTER TABLE reminder_step ADD COLUMN channel TEXT -- null: as the clinic's gateways stand
    CHECK (channel IN ('sms', 'whatsapp', 'telegram', 'email'));

DROP VIEW message_due;
-- The channel that its step tries first; null: it has none.
ALTER TABLE message ADD COLUMN first_by TEXT
    CHECK (first_by IN ('sms', 'whatsapp', 'telegram', 'email'));

CREATE VIEW message_due AS
SELECT id, patient_id, purpose, object_kind, object_id, object_stamp, phone, address, reference,
    state, not_after, asked, gateway_id, past_rank, provider_id, channel, language, whatsapp_over,
    telegram_over, due_at, created_at, report_hash, first_by,
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
