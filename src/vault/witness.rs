//! What a walk over the ledger is compared with: heads and checkpoints, and how
//! much each is worth.

use serde::Serialize;

use crate::crypto::{Checkpoint, NoteError, VerifyingKey};
use crate::vault::head::Head;

/// Where a witness was kept. Later ones are worth more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// In the database itself.
    Inside,
    /// In the data folder, where whoever has the machine can write too.
    Beside,
    /// Somewhere else: a note that somebody brought.
    Outside,
}

/// Size and root that the ledger once had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    pub head: Head,
    pub kept: Kept,
}

/// A note that is not believed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unbelieved {
    pub size: u64,
    pub kept: Kept,
    pub why: NoteError,
}

/// All witnesses of one ledger.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub witnesses: Vec<Witness>,
    pub unbelieved: Vec<Unbelieved>,
}

impl Evidence {
    pub fn of(head: Option<Head>) -> Self {
        let mut evidence = Self::default();
        evidence.add_head(head);
        evidence
    }

    /// The unsigned head that is kept beside the database.
    pub fn add_head(&mut self, head: Option<Head>) {
        let beside = head.map(|head| Witness { head, kept: Kept::Beside });
        self.witnesses.extend(beside);
    }

    /// Every checkpoint in a text, whatever stands around it: a file of notes,
    /// a letter, a sheet typed off. Without `keys` nobody's signature counts and
    /// the numbers are taken as they are. How many there were.
    pub fn add_notes(
        &mut self,
        text: &str,
        kept: Kept,
        origin: Option<&str>,
        keys: Option<&[VerifyingKey]>,
    ) -> usize {
        let notes = notes_in(text);
        for note in &notes {
            let Some(parsed) = Checkpoint::parse(note) else { continue };
            let wanted = origin.unwrap_or(&parsed.origin);
            let opened = match keys {
                Some(keys) => Checkpoint::open(note, wanted, keys),
                None => Ok(parsed.clone()),
            };
            match opened {
                Ok(Checkpoint { size, root, .. }) => {
                    self.witnesses.push(Witness { head: Head { size, root }, kept });
                }
                Err(why) => self.unbelieved.push(Unbelieved { size: parsed.size, kept, why }),
            }
        }
        notes.len()
    }
}

/// The checkpoints in a text, each as its signer wrote it.
pub fn notes_in(text: &str) -> Vec<String> {
    let lines: Vec<&str> =
        text.lines().map(|line| line.trim_matches([' ', '\t', '\r', '>'])).collect();
    let mut notes = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.ends_with(".tirkeu/audit")) {
        if line.contains(' ') || Checkpoint::parse(&lines[at..].join("\n")).is_none() {
            continue;
        }
        let rest = &lines[at + 1..];
        let body: Vec<&str> = rest.iter().copied().take_while(|line| !line.is_empty()).collect();
        let after = rest[body.len()..].iter().skip_while(|line| line.is_empty());
        let signed: Vec<&str> =
            after.copied().take_while(|line| line.starts_with('\u{2014}')).collect();
        let text = std::iter::once(*line).chain(body).collect::<Vec<_>>().join("\n");
        notes.push(format!("{text}\n\n{}\n", signed.join("\n")));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, SigningKey};

    const ORIGIN: &str = "0123456789abcdef.tirkeu/audit";

    fn signed(seed: u64, size: u64) -> (String, VerifyingKey) {
        let key =
            SigningKey::from_pkcs8(&SigningKey::generate_pkcs8(&Random::fixed(seed))).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root: [5; 32] };
        (checkpoint.sign(&key), key.verifying_key())
    }

    #[test]
    fn checkpoints_are_found_in_a_file_of_them_and_in_a_letter() {
        let ((first, key), (second, _)) = (signed(1, 7), signed(1, 9));
        let file = format!("{first}\n{second}\n");
        let letter =
            format!("Subject: x\r\n\r\nGood day\r\n\r\n> {}", first.replace('\n', "\r\n> "));
        for (text, sizes) in [(file, vec![7, 9]), (letter, vec![7])] {
            let mut evidence = Evidence::default();
            let count = evidence.add_notes(&text, Kept::Outside, Some(ORIGIN), Some(&[key]));
            let found: Vec<u64> = evidence.witnesses.iter().map(|it| it.head.size).collect();
            assert_eq!((count, found, evidence.unbelieved), (sizes.len(), sizes, vec![]));
        }
    }

    #[test]
    fn a_note_of_another_key_or_altered_is_not_believed_and_its_size_is_told() {
        let ((note, key), (_, other)) = (signed(1, 7), signed(2, 7));
        let mut evidence = Evidence::default();
        evidence.add_notes(&note, Kept::Outside, Some(ORIGIN), Some(&[other]));
        evidence.add_notes(&note.replace("\n7\n", "\n8\n"), Kept::Outside, None, Some(&[key]));
        let why = |size, why| Unbelieved { size, kept: Kept::Outside, why };
        assert_eq!(
            evidence.unbelieved,
            [why(7, NoteError::UnknownKey), why(8, NoteError::BadSignature)]
        );
        assert!(evidence.witnesses.is_empty());
        assert_eq!(evidence.add_notes("nothing at all", Kept::Outside, None, None), 0);
    }
}
