-- Which id with the clinic's number is which telephone: as Meta told both of one
-- person in one webhook, and never by anything else.
CREATE TABLE whatsapp_person (
    number_id TEXT NOT NULL,             -- the clinic's number: Meta's own id of it
    user_id   TEXT NOT NULL CHECK (user_id <> ''), -- the person's id with the clinic
    phone     TEXT NOT NULL,             -- E.164
    told_at   INTEGER NOT NULL,          -- Unix ms: when both came together last
    hidden_at INTEGER,                   -- Unix ms: since when they write with the id alone; null: the number is shown
    PRIMARY KEY (number_id, user_id)
) STRICT, WITHOUT ROWID;

-- A number is one person's: whoever has it now.
CREATE UNIQUE INDEX whatsapp_person_by_phone ON whatsapp_person (number_id, phone);
