//! A letter as bytes (RFC 5322; MIME and RFC 2047 by lettre): who it is from, a
//! number of its own, when it was written, and that a program wrote it.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};

use crate::mail::Address;
use crate::mail::model::Leaving;

/// The bytes that go after `DATA`. The `Message-ID` is the letter's own, so that
/// a reader's server knows a second copy for what it is.
///
/// # Errors
/// When lettre finds the headers impossible: an error of this program.
pub fn compose(
    letter: &Leaving,
    clinic: &str,
    sender: &Address,
    to: &Address,
) -> Result<Vec<u8>, lettre::error::Error> {
    let written = Duration::from_millis(letter.created_at.unix_ms().max(0).unsigned_abs());
    let domain = sender.domain();
    let mut builder = Message::builder()
        .from(Mailbox::new(Some(one_line(clinic)), sender.mailbox()))
        .to(Mailbox::new(None, to.mailbox()))
        .subject(one_line(&letter.subject))
        .date(UNIX_EPOCH + written)
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        // RFC 3834: no "I am on holiday" comes back.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", letter.language.tag()));
    if letter.kind.is_serial() {
        // RFC 2919 and RFC 2369: whoever wants no more writes to the clinic.
        builder = builder
            .raw_header(header("List-Id", &format!("<{}.{domain}>", letter.kind.name())))
            .raw_header(header(
                "List-Unsubscribe",
                &format!("<mailto:{sender}?subject=unsubscribe>"),
            ));
    }
    let text = SinglePart::plain(letter.body.clone());
    let message = match &letter.attached {
        None => builder.singlepart(text)?,
        Some(attached) => {
            let about = letter.about.as_deref().unwrap_or_default();
            let name = format!("tirkeu-{}-{about}.txt", letter.kind.name());
            // Base64, so that not a byte of what is signed is reflowed on its way.
            let bytes = Body::new_with_encoding(
                attached.clone().into_bytes(),
                ContentTransferEncoding::Base64,
            );
            let bytes = bytes.expect("base64 holds everything");
            let file = Attachment::new(name).body(bytes, ContentType::TEXT_PLAIN);
            builder.multipart(MultiPart::mixed().singlepart(text).singlepart(file))?
        }
    };
    Ok(message.formatted())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii(name.to_owned()).expect("a constant");
    HeaderValue::new(name, value.to_owned())
}

/// A header is one line: what would begin another becomes a space.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::i18n::Language;
    use crate::mail::model::{Kind, LetterId};

    fn letter(kind: Kind, subject: &str) -> Leaving {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        Leaving {
            id: LetterId::new(at),
            kind,
            language: Language::Kk,
            about: Some("42".to_owned()),
            subject: subject.to_owned(),
            body: "Сәлеметсіз бе!\nҚол қойылды.".to_owned(),
            attached: Some("note\n".to_owned()),
            created_at: at,
            attempts: 1,
        }
    }

    fn composed(letter: &Leaving) -> String {
        let [sender, to] = ["crm@arai.kz", "o@b.kz"].map(|it| Address::parse(it).unwrap());
        String::from_utf8(compose(letter, "Арай\r\nBcc: x@y.kz", &sender, &to).unwrap()).unwrap()
    }

    #[test]
    fn a_letter_is_ascii_with_one_line_for_each_header_whatever_the_words() {
        let letter = letter(Kind::Checkpoint, "Бақылау\r\nBcc: evil@example.kz\r\n\r\nТіркеу");
        let text = composed(&letter);
        assert!(text.is_ascii());
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.contains(&format!("Message-ID: <{}@arai.kz>", letter.id)), "{head}");
        assert!(head.contains("Date: Mon, 23 Nov 2026 03:00:00 +0000"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(text.split("\r\n").all(|line| line.len() <= 998));
    }

    #[test]
    fn only_what_goes_out_again_and_again_has_the_headers_of_a_list() {
        let serial = composed(&letter(Kind::Checkpoint, "a"));
        assert!(serial.contains("List-Id: <checkpoint.arai.kz>"), "{serial}");
        assert!(serial.contains("List-Unsubscribe: <mailto:crm@arai.kz?subject=unsubscribe>"));
        assert!(!composed(&letter(Kind::Emergency, "a")).contains("List-"));
    }
}
