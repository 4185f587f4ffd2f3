//! What a letter to the clinic's own people is made of.

use crate::contact::Email;
use crate::mail::model::Leaving;
use crate::post::{self, Letter, List};

/// The bytes that go after `DATA`.
///
/// # Errors
/// When the headers are impossible: an error of this program.
pub fn compose(
    letter: &Leaving,
    clinic: &str,
    sender: &Email,
    to: &Email,
) -> Result<Vec<u8>, post::Impossible> {
    let number = letter.id.to_string();
    let about = letter.about.as_deref().unwrap_or_default();
    let name = format!("tirkeu-{}-{about}.txt", letter.kind.name());
    post::compose(&Letter {
        number: &number,
        from: clinic,
        sender,
        to,
        written: letter.created_at,
        language: letter.language,
        subject: &letter.subject,
        text: &letter.body,
        page: None,
        attached: letter.attached.as_deref().map(|said| (name.as_str(), said)),
        // Whoever wants no more writes to the clinic.
        list: letter.kind.is_serial().then(|| List { name: letter.kind.name(), leave_at: None }),
    })
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
        let [sender, to] = ["crm@arai.kz", "o@b.kz"].map(|it| Email::parse(it).unwrap());
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
