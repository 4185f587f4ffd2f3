-- A receipt may come before the answer to its message, or in place of one that
-- was lost: then it is matched by gateway, phone and our reference.
CREATE INDEX message_in_doubt ON message (gateway_id, phone) WHERE state IN ('uncertain', 'sending');
