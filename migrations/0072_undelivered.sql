-- Whether the last that the desk wrote in a conversation did not arrive.
CREATE VIEW conversation_undelivered AS
SELECT c.id AS conversation_id, coalesce((
    SELECT m.state IN ('failed', 'expired', 'withheld')
    FROM conversation_message AS w JOIN message AS m ON m.id = w.message_id
    WHERE w.conversation_id = c.id
    ORDER BY m.created_at DESC, m.id DESC LIMIT 1), 0) AS undelivered
FROM conversation AS c;
