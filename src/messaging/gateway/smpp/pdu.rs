//! The few PDUs of SMPP that a client needs (SMPP v3.4 issue 1.2, chapters 4
//! and 5): what is sent is built, what comes is read leniently, because every
//! centre has ways of its own.

use tokio::io::{self, AsyncRead, AsyncReadExt};

pub const GENERIC_NACK: u32 = 0x8000_0000;
pub const BIND_TRANSCEIVER: u32 = 0x9;
pub const QUERY_SM: u32 = 0x3;
pub const SUBMIT_SM: u32 = 0x4;
pub const DELIVER_SM: u32 = 0x5;
pub const UNBIND: u32 = 0x6;
pub const ENQUIRE_LINK: u32 = 0x15;
/// Set in the command of every answer.
pub const ANSWER: u32 = 0x8000_0000;

pub const OK: u32 = 0;
/// "Temporary error": the centre keeps the message and brings it again.
pub const TRY_AGAIN: u32 = 0x64;
/// "Invalid command".
pub const UNKNOWN_COMMAND: u32 = 0x3;

/// The longest that is read: 64 KiB of payload and its envelope.
const LARGEST: usize = 70_000;

const HEADER: usize = 16;

const MESSAGE_PAYLOAD: u16 = 0x0424;
const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
const MESSAGE_STATE: u16 = 0x0427;
const USER_MESSAGE_REFERENCE: u16 = 0x0204;

/// A PDU, its body unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdu {
    pub command: u32,
    pub status: u32,
    pub sequence: u32,
    pub body: Vec<u8>,
}

/// A part of a message on its way out.
#[derive(Clone, Copy)]
pub struct Submit<'a> {
    pub source: &'a str,
    /// Digits only.
    pub destination: &'a str,
    pub data_coding: u8,
    pub form: Form,
    pub wants_receipt: bool,
    /// Told again in the receipt, by centres that can.
    pub reference: u16,
    pub text: &'a [u8],
}

/// How a text travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Short enough to be alone.
    Alone,
    /// One of several parts: it begins with a user data header.
    Part,
    /// Of any length, as a parameter: the centre cuts it (5.3.2.32).
    Payload,
}

/// A message on its way in: a receipt, or a person's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliver {
    pub source: String,
    pub destination: String,
    pub esm_class: u8,
    pub data_coding: u8,
    pub text: Vec<u8>,
    pub receipted_id: Option<String>,
    pub state: Option<u8>,
    pub reference: Option<u16>,
}

impl Pdu {
    pub fn ask(command: u32, sequence: u32, body: Vec<u8>) -> Self {
        Self { command, status: OK, sequence, body }
    }

    pub fn answer(&self, status: u32) -> Self {
        // deliver_sm_resp has a message id that must be empty.
        let body = if self.command == DELIVER_SM { vec![0] } else { Vec::new() };
        Self { command: self.command | ANSWER, status, sequence: self.sequence, body }
    }

    pub fn is_answer(&self) -> bool {
        self.command & ANSWER != 0
    }

    pub fn written(&self) -> Vec<u8> {
        let length = u32::try_from(HEADER + self.body.len()).expect("bodies are of our making");
        let mut bytes = Vec::with_capacity(HEADER + self.body.len());
        for word in [length, self.command, self.status, self.sequence] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The next PDU of a stream.
    ///
    /// # Errors
    /// Also when the stream cannot be SMPP: nothing after that is to be trusted.
    pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut words = [0_u32; 4];
        for word in &mut words {
            *word = stream.read_u32().await?;
        }
        let [length, command, status, sequence] = words;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if !(HEADER..=LARGEST).contains(&length) {
            return Err(io::Error::other("this is not SMPP"));
        }
        let mut body = vec![0; length - HEADER];
        stream.read_exact(&mut body).await?;
        Ok(Self { command, status, sequence, body })
    }
}

/// The body of `bind_transceiver`.
pub fn bind(system_id: &str, password: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for text in [system_id, password, ""] {
        put(&mut body, text);
    }
    // Interface version 3.4; any address: type and plan unknown, no range.
    body.extend_from_slice(&[0x34, 0, 0, 0]);
    body
}

impl Submit<'_> {
    /// The body of `submit_sm`.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put(&mut body, ""); // service type
        body.extend_from_slice(&kind_of(self.source));
        put(&mut body, self.source.trim_start_matches('+'));
        body.extend_from_slice(&[1, 1]); // international, E.164
        put(&mut body, self.destination);
        body.extend_from_slice(&[if self.form == Form::Part { 0x40 } else { 0 }, 0, 0]);
        put(&mut body, ""); // at once
        put(&mut body, ""); // for as long as the centre keeps messages
        body.extend_from_slice(&[u8::from(self.wants_receipt), 0, self.data_coding, 0]);
        if self.form == Form::Payload {
            body.push(0);
            tlv(&mut body, MESSAGE_PAYLOAD, self.text);
        } else {
            let length = u8::try_from(self.text.len()).expect("a part has at most 160 octets");
            body.push(length);
            body.extend_from_slice(self.text);
        }
        tlv(&mut body, USER_MESSAGE_REFERENCE, &self.reference.to_be_bytes());
        body
    }
}

/// Type of number and numbering plan of a sender: a number, a short one, or a name.
fn kind_of(source: &str) -> [u8; 2] {
    let digits = source.trim_start_matches('+');
    match digits.bytes().all(|byte| byte.is_ascii_digit()) {
        _ if digits.is_empty() => [0, 0],
        true if digits.len() > 6 => [1, 1],
        true => [3, 0],
        false => [5, 0],
    }
}

fn put(body: &mut Vec<u8>, text: &str) {
    body.extend(text.bytes().filter(|byte| *byte != 0));
    body.push(0);
}

fn tlv(body: &mut Vec<u8>, tag: u16, value: &[u8]) {
    body.extend_from_slice(&tag.to_be_bytes());
    body.extend_from_slice(&u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
    body.extend_from_slice(value);
}

/// The body of `query_sm`: by the centre's number, and the sender it was sent with.
pub fn query(message_id: &str, source: &str) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body, message_id);
    body.extend_from_slice(&kind_of(source));
    put(&mut body, source.trim_start_matches('+'));
    body
}

/// The state in the body of the answer to that. None when it is cut off.
pub fn state_of(body: &[u8]) -> Option<u8> {
    let mut rest = body;
    word(&mut rest)?; // our number again
    word(&mut rest)?; // when it came into that state
    take(&mut rest, 1).map(|state| state[0])
}

/// The message's number in the body of an answer. Empty when there is none.
pub fn message_id(body: &[u8]) -> String {
    text_of(body.split(|byte| *byte == 0).next().unwrap_or_default())
}

impl Deliver {
    /// Reads the body of `deliver_sm`. None when it is cut off.
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut rest = body;
        let mut said = Self::default();
        word(&mut rest)?; // service type
        take(&mut rest, 2)?;
        said.source = word(&mut rest)?;
        take(&mut rest, 2)?;
        said.destination = word(&mut rest)?;
        said.esm_class = take(&mut rest, 3)?[0];
        word(&mut rest)?;
        word(&mut rest)?;
        let flags = take(&mut rest, 5)?;
        said.data_coding = flags[2];
        said.text = take(&mut rest, usize::from(flags[4]))?.to_vec();
        while let Some((tag, value)) = parameter(&mut rest) {
            match (tag, value) {
                (MESSAGE_PAYLOAD, _) if said.text.is_empty() => said.text = value.to_vec(),
                (RECEIPTED_MESSAGE_ID, _) => said.receipted_id = Some(message_id(value)),
                (MESSAGE_STATE, [state]) => said.state = Some(*state),
                (USER_MESSAGE_REFERENCE, [high, low]) => {
                    said.reference = Some(u16::from_be_bytes([*high, *low]));
                }
                _ => {}
            }
        }
        Some(said)
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn word(rest: &mut &[u8]) -> Option<String> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let taken = take(rest, end + 1)?;
    Some(text_of(&taken[..end]))
}

fn parameter<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let head = take(rest, 4)?;
    let tag = u16::from_be_bytes([head[0], head[1]]);
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    Some((tag, take(rest, length)?))
}

/// Printable ASCII only: it goes into a database and onto a page.
fn text_of(bytes: &[u8]) -> String {
    bytes.iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_again() {
        let pdu = Pdu::ask(SUBMIT_SM, 7, bind("clinic", "secret"));
        let read = Pdu::read(&mut pdu.written().as_slice()).await.unwrap();
        assert_eq!(read, pdu);
        for odd in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &[0, 0, 0, 15], &[0xff; 64]] {
            assert!(Pdu::read(&mut &odd[..]).await.is_err());
        }
    }

    #[test]
    fn a_sender_is_a_name_a_number_or_a_short_number() {
        assert_eq!(kind_of("ARAI"), [5, 0]);
        assert_eq!(kind_of("+77273550000"), [1, 1]);
        assert_eq!(kind_of("1414"), [3, 0]);
        assert_eq!(kind_of(""), [0, 0]);
    }

    #[test]
    fn the_state_of_a_message_stands_behind_its_number_and_a_time() {
        assert_eq!(state_of(b"a1\0\0\x02\0"), Some(2));
        assert_eq!(state_of(b"a1\x00261127101100000+\0\x05\0"), Some(5));
        for cut in [&b""[..], b"a1", b"a1\0", b"a1\0\0"] {
            assert_eq!(state_of(cut), None);
        }
    }

    #[test]
    fn a_long_text_may_travel_whole_as_a_parameter() {
        let text = vec![b'a'; 300];
        let submit = Submit {
            source: "",
            destination: "77010000001",
            data_coding: 0,
            form: Form::Payload,
            wants_receipt: true,
            reference: 9,
            text: &text,
        };
        let body = submit.body();
        let parameters = [&[0x04, 0x24, 0x01, 0x2c][..], &text, &[0x02, 0x04, 0, 2, 0, 9]].concat();
        assert!(body.ends_with(&parameters));
        assert_eq!(body[body.len() - parameters.len() - 1], 0, "nothing stands in the short text");
    }

    #[test]
    fn a_message_that_is_cut_off_is_no_message() {
        let whole = [
            &b"\0\x01\x0177010000001\0\x05\0ARAI\0\x04\0\0\0\0\0\0\x08\0\x02hi"[..],
            &[0x00, 0x1e, 0, 3, b'a', b'b', 0, 0x04, 0x27, 0, 1, 2],
        ]
        .concat();
        let said = Deliver::read(&whole).unwrap();
        assert_eq!((said.source.as_str(), said.destination.as_str()), ("77010000001", "ARAI"));
        assert_eq!((said.esm_class, said.data_coding, said.text.as_slice()), (4, 8, &b"hi"[..]));
        assert_eq!((said.receipted_id.as_deref(), said.state), (Some("ab"), Some(2)));
        for length in 0..30 {
            assert_eq!(Deliver::read(&whole[..length]), None, "{length}");
        }
    }
}
