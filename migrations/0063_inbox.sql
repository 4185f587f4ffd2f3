-- What people at the desk write goes to strangers too: they have no card yet. A rule of a table is taken off its
-- text as https://www.sqlite.org/lang_altertable.html#otheralter says, so that whatever else the table has stays.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'CHECK ((patient_id IS NULL) = (purpose IN (''trial'', ''booking_code'')))',
    'CHECK (purpose = ''staff_text'' OR (patient_id IS NULL) = (purpose IN (''trial'', ''booking_code'')))')
WHERE type = 'table' AND name = 'message';
PRAGMA writable_schema = RESET;

-- Who at the desk wrote which message.
CREATE TABLE conversation_message (
    message_id      TEXT PRIMARY KEY NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    staff_id        TEXT NOT NULL REFERENCES staff (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversation_message_of ON conversation_message (conversation_id);

-- Somebody who may become a patient.
CREATE TABLE lead (
    id              TEXT PRIMARY KEY NOT NULL,
    conversation_id TEXT REFERENCES conversation (id) ON DELETE SET NULL,
    patient_id      TEXT REFERENCES patient (id), -- once they have a card
    name            TEXT NOT NULL,
    phone           TEXT NOT NULL,       -- E.164; '': not known
    source          TEXT NOT NULL,       -- the channel they came by
    note            TEXT NOT NULL,       -- what they want
    state           TEXT NOT NULL CHECK (state IN ('new', 'booked', 'lost')),
    made_at         INTEGER NOT NULL,    -- Unix ms
    made_by         TEXT REFERENCES staff (id),
    changed_at      INTEGER NOT NULL     -- Unix ms: when its state changed last
) STRICT;

CREATE INDEX lead_by_state ON lead (state, made_at);
CREATE INDEX lead_by_patient ON lead (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX lead_by_conversation ON lead (conversation_id) WHERE conversation_id IS NOT NULL;

-- Words that are written often.
CREATE TABLE quick_reply (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL CHECK (name <> ''),
    ru         TEXT NOT NULL CHECK (ru <> ''),
    kk         TEXT NOT NULL CHECK (kk <> ''),
    changed_at INTEGER NOT NULL,         -- Unix ms; 0 as shipped
    changed_by TEXT REFERENCES staff (id)
) STRICT;

INSERT INTO quick_reply (id, name, ru, kk, changed_at) VALUES
    (1, 'Когда удобно', 'Здравствуйте! Спасибо, что написали. На какой день и время вас записать?',
        'Сәлеметсіз бе! Жазғаныңызға рахмет. Сізді қай күнге, қай уақытқа жазайық?', 0),
    (2, 'Как вас зовут', 'Подскажите, пожалуйста, как вас зовут и на какой номер можно позвонить?',
        'Есіміңіз кім және қай нөмірге қоңырау шалуға болады?', 0),
    (3, 'Перезвоним', 'Мы позвоним вам в течение 15 минут.', 'Біз сізге 15 минут ішінде қоңырау шаламыз.', 0),
    (4, 'Ждём вас', 'Спасибо, ждём вас!', 'Рахмет, сізді күтеміз!', 0);
