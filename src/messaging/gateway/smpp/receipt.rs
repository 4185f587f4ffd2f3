//! Delivery receipts: what became of a message, in the text that Appendix B of
//! SMPP v3.4 shows ("id:… stat:DELIVRD err:000 …") and that every centre writes
//! its own way, or in parameters (5.3.2.12, 5.3.2.35).

use super::pdu::Deliver;
use crate::messaging::gateway::{Delivery, Reason};

/// The message type in `esm_class`: a receipt, or a note on the way.
const TYPE: u8 = 0b0011_1100;
const RECEIPT: u8 = 0b0000_0100;
const ON_THE_WAY: u8 = 0b0010_0000;

/// What a centre tells of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The centre's number of it, as it stands there.
    pub id: Option<String>,
    /// Ours, if the centre tells it again.
    pub reference: Option<u16>,
    pub delivery: Delivery,
}

impl Receipt {
    /// None when it is no receipt: a person wrote it.
    pub fn of(said: &Deliver) -> Option<Self> {
        if !matches!(said.esm_class & TYPE, RECEIPT | ON_THE_WAY) {
            return None;
        }
        let text = String::from_utf8_lossy(&said.text);
        let id = said.receipted_id.clone().or_else(|| field(&text, "id").map(str::to_owned));
        let delivery = match (said.state, field(&text, "stat")) {
            (Some(state), _) => by_number(state),
            (None, Some(word)) => by_word(word),
            (None, None) => Delivery::Unknown,
        };
        let id = id.filter(|id| {
            !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_graphic())
        });
        Some(Self { id, reference: said.reference, delivery })
    }
}

/// The value of `name:` in a receipt's text, up to the next space.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split_ascii_whitespace().find_map(|pair| {
        let (key, value) = pair.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn by_word(word: &str) -> Delivery {
    match word.to_ascii_uppercase().get(..7).unwrap_or_default() {
        "DELIVRD" => Delivery::Delivered(None),
        "EXPIRED" => Delivery::Expired,
        "DELETED" => Delivery::Failed(Reason::Stopped),
        "UNDELIV" => Delivery::Failed(Reason::Unreachable),
        "REJECTD" => Delivery::Failed(Reason::Forbidden),
        "ACCEPTD" | "ENROUTE" => Delivery::OnTheWay,
        _ => Delivery::Unknown,
    }
}

pub(super) fn by_number(state: u8) -> Delivery {
    match state {
        1 | 6 => Delivery::OnTheWay,
        2 => Delivery::Delivered(None),
        3 => Delivery::Expired,
        4 => Delivery::Failed(Reason::Stopped),
        5 => Delivery::Failed(Reason::Unreachable),
        8 => Delivery::Failed(Reason::Forbidden),
        _ => Delivery::Unknown,
    }
}

/// The ways a centre may write one number: as it did, in decimal, in hex. Some
/// answer a message in one and write its receipt in the other.
pub fn spellings(id: &str) -> Vec<String> {
    let mut all = vec![id.to_owned()];
    if let Ok(number) = u64::from_str_radix(id, 16) {
        all.push(number.to_string());
    }
    if let Ok(number) = id.parse::<u64>() {
        all.push(format!("{number:x}"));
        all.push(format!("{number:X}"));
        all.push(number.to_string());
    }
    all[1..].sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(text: &str) -> Option<Receipt> {
        Receipt::of(&Deliver { esm_class: 4, text: text.as_bytes().to_vec(), ..Deliver::default() })
    }

    #[test]
    fn a_receipt_is_read_in_the_ways_centres_write_it() {
        let book = "id:0123456789 sub:001 dlvrd:001 submit date:2611271010 done date:2611271011 \
                    stat:DELIVRD err:000 text:hello";
        let delivered = |id: &str| Receipt {
            id: Some(id.to_owned()),
            reference: None,
            delivery: Delivery::Delivered(None),
        };
        assert_eq!(receipt(book), Some(delivered("0123456789")));
        assert_eq!(receipt("ID:ab-1 STAT:delivrd"), Some(delivered("ab-1")));
        assert_eq!(
            receipt("stat:UNDELIV id:5").unwrap().delivery,
            Delivery::Failed(Reason::Unreachable)
        );
        let odd = receipt("nothing of use").unwrap();
        assert_eq!((odd.id, odd.delivery), (None, Delivery::Unknown));
    }

    #[test]
    fn parameters_stand_above_the_text() {
        let said = Deliver {
            esm_class: 4,
            text: b"id:1 stat:EXPIRED".to_vec(),
            receipted_id: Some("2".to_owned()),
            state: Some(2),
            reference: Some(9),
            ..Deliver::default()
        };
        let read = Receipt::of(&said).unwrap();
        assert_eq!((read.id.as_deref(), read.reference), (Some("2"), Some(9)));
        assert_eq!(read.delivery, Delivery::Delivered(None));
    }

    #[test]
    fn a_persons_words_are_no_receipt_whatever_they_say() {
        let said = Deliver { text: b"id:1 stat:DELIVRD".to_vec(), ..Deliver::default() };
        assert_eq!(Receipt::of(&said), None);
    }

    #[test]
    fn a_number_is_known_in_decimal_and_in_hex() {
        assert!(spellings("1a2b").contains(&"6699".to_owned()));
        assert!(spellings("6699").contains(&"1a2b".to_owned()));
        assert!(spellings("0006699").contains(&"6699".to_owned()));
        assert_eq!(spellings("x-y"), ["x-y"]);
    }
}
