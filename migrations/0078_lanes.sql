-- What somebody waits for leaves past everything else, which leaves in one order.
CREATE INDEX message_awaited ON message (purpose, not_after, id) WHERE state = 'queued';
DROP INDEX message_to_send;
CREATE INDEX message_to_send ON message (not_after, id) WHERE state = 'queued';
