//! A letter as bytes (RFC 5322; MIME and RFC 2047 by lettre): who it is from, a
//! number of its own, when it was written, and that a program wrote it.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};

use crate::clock::Timestamp;
use crate::contact::Email;
use crate::i18n::Language;

/// What is written, to whom and by whom.
pub struct Letter<'a> {
    /// The same on every attempt, so that a reader's server knows a second copy
    /// for what it is (`Message-ID`).
    pub number: &'a str,
    /// Whose name the reader sees.
    pub from: &'a str,
    pub sender: &'a Email,
    pub to: &'a Email,
    pub written: Timestamp,
    pub language: Language,
    pub subject: &'a str,
    pub text: &'a str,
    /// The same for programs that show pages; the text is for the others.
    pub page: Option<&'a str>,
    /// The file's name and what it says.
    pub attached: Option<(&'a str, &'a str)>,
    pub list: Option<List<'a>>,
}

/// What goes out again and again (RFC 2919), and how whoever wants no more says
/// so (RFC 2369).
pub struct List<'a> {
    pub name: &'a str,
    /// An address that takes a request by one press (RFC 8058). None: by letter.
    pub leave_at: Option<&'a str>,
}

/// The bytes that go after `DATA`.
///
/// # Errors
/// When lettre finds the headers impossible: an error of this program.
pub fn compose(letter: &Letter<'_>) -> Result<Vec<u8>, lettre::error::Error> {
    let Letter { sender, to, .. } = *letter;
    let written = Duration::from_millis(letter.written.unix_ms().max(0).unsigned_abs());
    let domain = sender.domain();
    let mut builder = Message::builder()
        .from(Mailbox::new(Some(one_line(letter.from)), sender.mailbox()))
        .to(Mailbox::new(None, to.mailbox()))
        .subject(one_line(letter.subject))
        .date(UNIX_EPOCH + written)
        .message_id(Some(format!("<{}@{domain}>", letter.number)))
        // RFC 3834: no "I am on holiday" comes back.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", letter.language.tag()));
    if let Some(list) = &letter.list {
        let by_letter = format!("<mailto:{sender}?subject=unsubscribe>");
        let ways = match list.leave_at {
            Some(at) => format!("<{at}>, {by_letter}"),
            None => by_letter,
        };
        builder = builder
            .raw_header(header("List-Id", &format!("<{}.{domain}>", list.name)))
            .raw_header(header("List-Unsubscribe", &ways));
        if list.leave_at.is_some() {
            let press = header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
            builder = builder.raw_header(press);
        }
    }
    let text = SinglePart::plain(letter.text.to_owned());
    let message = match (letter.page, letter.attached) {
        (Some(page), _) => {
            let page = SinglePart::html(page.to_owned());
            builder.multipart(MultiPart::alternative().singlepart(text).singlepart(page))?
        }
        (None, None) => builder.singlepart(text)?,
        (None, Some((name, said))) => {
            // Base64, so that not a byte of what is signed is reflowed on its way.
            let bytes = said.to_owned().into_bytes();
            let bytes = Body::new_with_encoding(bytes, ContentTransferEncoding::Base64);
            let bytes = bytes.expect("base64 holds everything");
            let file = Attachment::new(name.to_owned()).body(bytes, ContentType::TEXT_PLAIN);
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

    #[test]
    fn a_page_travels_beside_its_text_and_one_press_leaves_the_list() {
        let [sender, to] = ["crm@arai.kz", "o@b.kz"].map(|it| Email::parse(it).unwrap());
        let letter = Letter {
            number: "42",
            from: "Арай",
            sender: &sender,
            to: &to,
            written: Timestamp::from_unix_ms(1_795_402_800_000),
            language: Language::Ru,
            subject: "Запись",
            text: "Ждём вас.",
            page: Some("<p>Ждём вас.</p>"),
            attached: None,
            list: Some(List { name: "visits", leave_at: Some("https://arai.kz/m/AAAA/leave") }),
        };
        let text = String::from_utf8(compose(&letter).unwrap()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ");
        assert!(unfolded.contains("multipart/alternative"), "{head}");
        assert!(
            unfolded.contains(
                "List-Unsubscribe: <https://arai.kz/m/AAAA/leave>, \
                 <mailto:crm@arai.kz?subject=unsubscribe>"
            ),
            "{head}"
        );
        assert!(unfolded.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{head}");
        let (plain, page) = (body.find("text/plain"), body.find("text/html"));
        assert!(plain < page && plain.is_some(), "what is preferred comes last (RFC 2046)");
    }
}
