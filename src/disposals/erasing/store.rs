//! The statements that destroy. `disposal_open` holds whose rows go; it is
//! filled and emptied within one transaction, and only while it holds somebody
//! do the triggers let go what is otherwise never changed.
//!
//! Rows go before what they refer to: whatever still refers to the person then
//! undoes this change, and no other that shares its commit.

use crate::contact::Name;
use crate::disposals::model::DisposalId;
use crate::ids::PatientId;
use crate::patients;
use crate::retention::Extent;
use crate::vault::{Tx, VaultError};

/// A merge leads every card that was merged before on to the one that is kept:
/// one step reaches them all.
const OPEN: &str = "
    INSERT INTO disposal_open (patient_id)
    SELECT id FROM patient WHERE id = ?1 OR merged_into = ?1";

const CLOSE: &str = "DELETE FROM disposal_open";

/// Documents of their consents; one that somebody else's consent names stays.
const NOTE_DOCUMENTS: &str = "
    WITH given AS (
        SELECT id FROM consent WHERE patient_id IN (SELECT patient_id FROM disposal_open)),
    held AS (
        SELECT consent_id, document_pdf AS file FROM consent_end
        UNION SELECT consent_id, signed_pdf FROM consent_end
        UNION SELECT consent_id, file FROM consent_pack)
    INSERT INTO disposal_file (file, disposal_id)
    SELECT DISTINCT file, ?1 FROM held WHERE file IS NOT NULL AND consent_id IN given
        AND NOT EXISTS (SELECT 1 FROM held AS other
            WHERE other.file = held.file AND other.consent_id NOT IN given)
    ON CONFLICT DO NOTHING";

/// Spreadsheets they were imported from: what they said is on the cards since.
const NOTE_SHEETS: &str = "
    INSERT INTO disposal_file (file, disposal_id)
    SELECT DISTINCT value ->> 'blob', ?1 FROM import_run, json_each(files)
    WHERE import_run.id IN (SELECT run_id FROM import_row
        WHERE patient_id IN (SELECT patient_id FROM disposal_open))
    ON CONFLICT DO NOTHING";

/// Under which names they can be found.
const NAMES: &str = "
    SELECT number, surname, given, patronymic FROM patient
    WHERE id IN (SELECT patient_id FROM disposal_open)";

/// What no law orders kept: messages, wishes, traces of the booking page and of
/// imports. A message with the code of a consent is part of its proof.
pub const UNKEPT: &str = "
UPDATE import_run SET state = 'done'
WHERE state IN ('draft', 'stopped') AND EXISTS (SELECT 1 FROM json_each(files)
    WHERE value ->> 'blob' IN (SELECT file FROM disposal_file));
DELETE FROM job WHERE EXISTS (SELECT 1 FROM json_each(payload) WHERE value IN (
    SELECT id FROM waitlist_wish WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT id FROM online_request
        WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT patient_id FROM disposal_open));
DELETE FROM reminder_touch WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM reply_visit WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM lead WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR patient_id IS NULL AND phone IN (SELECT phone FROM patient_phone
        WHERE patient_id IN (SELECT patient_id FROM disposal_open))
    OR conversation_id IN (SELECT id FROM conversation
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM enquiry WHERE reply_id IN (SELECT id FROM reply
    WHERE patient_id IN (SELECT patient_id FROM disposal_open)
        OR patient_id IS NULL AND (phone IN (SELECT phone FROM patient_phone
                WHERE patient_id IN (SELECT patient_id FROM disposal_open))
            OR conversation_id IN (SELECT id FROM conversation
                WHERE patient_id IN (SELECT patient_id FROM disposal_open))));
DELETE FROM reply WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR patient_id IS NULL AND (phone IN (SELECT phone FROM patient_phone
            WHERE patient_id IN (SELECT patient_id FROM disposal_open))
        OR conversation_id IN (SELECT id FROM conversation
            WHERE patient_id IN (SELECT patient_id FROM disposal_open)));
UPDATE reply SET conversation_id = NULL WHERE conversation_id IN (SELECT id FROM conversation
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM message_state WHERE message_id IN (SELECT message_id FROM conversation_message
    JOIN conversation ON conversation.id = conversation_id
    WHERE patient_id IN (SELECT patient_id FROM disposal_open)
        OR patient_id IS NULL AND address IN (SELECT phone FROM patient_phone
            WHERE patient_id IN (SELECT patient_id FROM disposal_open)));
DELETE FROM message WHERE id IN (SELECT message_id FROM conversation_message
    JOIN conversation ON conversation.id = conversation_id
    WHERE patient_id IN (SELECT patient_id FROM disposal_open)
        OR patient_id IS NULL AND address IN (SELECT phone FROM patient_phone
            WHERE patient_id IN (SELECT patient_id FROM disposal_open)));
DELETE FROM message_state WHERE message_id IN (SELECT message.id FROM message
    JOIN conversation ON message.object_kind = 'conversation' AND object_id = conversation.id
    WHERE conversation.patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM message WHERE object_kind = 'conversation' AND object_id IN (SELECT id
    FROM conversation WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM conversation_message WHERE message_id IN (SELECT id FROM message
        WHERE patient_id IN (SELECT patient_id FROM disposal_open))
    OR conversation_id IN (SELECT id FROM conversation
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM bot_line WHERE conversation_id IN (SELECT id FROM conversation
    WHERE patient_id IN (SELECT patient_id FROM disposal_open)
        OR patient_id IS NULL AND address IN (SELECT phone FROM patient_phone
            WHERE patient_id IN (SELECT patient_id FROM disposal_open)));
DELETE FROM conversation WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR patient_id IS NULL AND address IN (SELECT phone FROM patient_phone
            WHERE patient_id IN (SELECT patient_id FROM disposal_open))
        AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.conversation_id = conversation.id);
DELETE FROM channel_choice WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM telegram_chat WHERE phone IN (SELECT phone FROM patient_phone
        WHERE patient_id IN (SELECT patient_id FROM disposal_open))
    AND NOT EXISTS (SELECT 1 FROM patient_phone AS other WHERE other.phone = telegram_chat.phone
        AND other.patient_id NOT IN (SELECT patient_id FROM disposal_open));
DELETE FROM whatsapp_speech WHERE phone IN (SELECT phone FROM patient_phone
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM whatsapp_person WHERE phone IN (SELECT phone FROM patient_phone
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM dialogue WHERE phone IN (SELECT phone FROM patient_phone
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM message_button WHERE message_id IN (SELECT id FROM message
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM message_state WHERE message_id IN (SELECT id FROM message
    WHERE patient_id IN (SELECT patient_id FROM disposal_open) AND object_kind <> 'consent'
        OR object_id IN (SELECT id FROM online_request
            WHERE patient_id IN (SELECT patient_id FROM disposal_open)));
DELETE FROM message
    WHERE patient_id IN (SELECT patient_id FROM disposal_open) AND object_kind <> 'consent'
        OR object_id IN (SELECT id FROM online_request
            WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM answer_link WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM online_code WHERE request_id IN (SELECT id FROM online_request
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM online_request WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR appointment_id IN (SELECT id FROM appointment
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM waitlist_offer WHERE wish_id IN (SELECT id FROM waitlist_wish
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM waitlist_wish WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM import_duplicate WHERE a IN (SELECT patient_id FROM disposal_open)
    OR b IN (SELECT patient_id FROM disposal_open);
UPDATE import_row SET patient_id = NULL, appointment_id = NULL, patient = '', day = NULL,
    time = NULL, doctor = '', service = '', reasons = '[]', source_key = ''
WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR appointment_id IN (SELECT id FROM appointment
        WHERE patient_id IN (SELECT patient_id FROM disposal_open))
    OR patient_id IS NULL AND patient IN (SELECT name FROM patient
        WHERE name <> '' AND id IN (SELECT patient_id FROM disposal_open));
DELETE FROM likely_duplicate WHERE a IN (SELECT patient_id FROM disposal_open)
    OR b IN (SELECT patient_id FROM disposal_open)";

/// And the records themselves, the card last.
pub const RECORDS: &str = "
DELETE FROM job WHERE EXISTS (SELECT 1 FROM json_each(payload) WHERE value IN (
    SELECT id FROM appointment WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT id FROM consent WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT id FROM emergency_access
        WHERE patient_id IN (SELECT patient_id FROM disposal_open)));
DELETE FROM message_state WHERE message_id IN (SELECT id FROM message
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM message WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM consent_code WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent_pack WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent_withdrawal WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent_end WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM import_made WHERE id IN (SELECT patient_id FROM disposal_open
    UNION ALL SELECT id FROM appointment
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM import_key WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM writing_choice WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM follow_up WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM lateness_visit WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM series_visit WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM series_visit WHERE series_id = series.id);
DELETE FROM absence_visit WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM appointment_hold WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM overbooking WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM reservation WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM appointment_status WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM appointment WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM emergency_review WHERE access_id IN (SELECT id FROM emergency_access
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM emergency_access WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM audit_kin WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM audit_watched WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM retention_hold WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM retention_discharge WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_block WHERE patient_id IN (SELECT patient_id FROM disposal_open);
UPDATE transfer SET patient_id = NULL, message_id = NULL
    WHERE patient_id IN (SELECT patient_id FROM disposal_open);
UPDATE subject_request_step SET note_ru = '', note_kk = '' WHERE request_id IN
    (SELECT id FROM subject_request WHERE patient_id IN (SELECT patient_id FROM disposal_open));
UPDATE subject_request SET applicant = '—', contact = '', wish = '', patient_id = NULL
    WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM different_people WHERE a IN (SELECT patient_id FROM disposal_open)
    OR b IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_merge WHERE absorbed_id IN (SELECT patient_id FROM disposal_open)
    OR kept_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_change WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_phone WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_contact WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_email WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient WHERE id IN (SELECT patient_id FROM disposal_open)";

/// Destroys so much of a person, and notes the files that are to go after it.
pub async fn erase_in(
    tx: &mut Tx,
    act: DisposalId,
    patient: PatientId,
    extent: Extent,
) -> Result<(), VaultError> {
    sqlx::query(OPEN).bind(patient).execute(tx.sql()).await?;
    sqlx::query(NOTE_SHEETS).bind(act).execute(tx.sql()).await?;
    if extent == Extent::Whole {
        sqlx::query(NOTE_DOCUMENTS).bind(act).execute(tx.sql()).await?;
    }
    sqlx::raw_sql(UNKEPT).execute(tx.sql()).await?;
    if extent == Extent::Whole {
        let names: Vec<(i64, String, String, String)> =
            sqlx::query_as(NAMES).fetch_all(tx.sql()).await?;
        for (number, surname, given, patronymic) in names {
            let name = Name::new(&surname, &given, &patronymic);
            patients::forget_name_in(tx, number, &name).await?;
        }
        sqlx::raw_sql(RECORDS).execute(tx.sql()).await?;
    }
    sqlx::query(CLOSE).execute(tx.sql()).await?;
    Ok(())
}
