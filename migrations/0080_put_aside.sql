-- What was put aside is counted wherever the channel is shown.
CREATE INDEX webhook_event_aside ON webhook_event (source) WHERE state = 'aside';
CREATE INDEX telegram_update_aside ON telegram_update (bot_id) WHERE state = 'aside';
