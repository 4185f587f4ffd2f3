//! What must hold for every parser of ours, whatever it is given: no panic, no
//! endless loop, and nothing accepted that is not what it says it is.
//!
//! `tests/suite/parsers.rs` runs these on generated input and on `fuzz/corpus`
//! with every test run; `cargo fuzz run NAME` looks for input that nobody thought
//! of. Both include this file.

use std::io::Write;
use std::sync::OnceLock;

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use jiff::civil::{Date, date};
use tirkeu::backup::archive::{ArchiveReader, BlobLine};
use tirkeu::clock::{Civil, Day};
use tirkeu::consents::document::Document;
use tirkeu::consents::pack::{read_fingerprint, verify};
use tirkeu::consents::signature::Signature;
use tirkeu::consents::template::{Wording, placeholders};
use tirkeu::contact::{Bin, Iin, Name, Phone, name, phone};
use tirkeu::crypto::sign::open_note;
use tirkeu::crypto::{Checkpoint, Identity, Random, SigningKey, VerifyingKey, ages};
use tirkeu::i18n::Language;
use tirkeu::interop::guess::guess;
use tirkeu::interop::reading::{Cell, read};
use tirkeu::interop::{interpret, values};
use tirkeu::messaging::gateway::Endpoint;
use tirkeu::messaging::gateway::smpp::{Deliver, Receipt, spellings};
use tirkeu::messaging::instagram::{self, What};
use tirkeu::messaging::segments::{Alphabet, Segments};
use tirkeu::messaging::text::{Purpose, Values, Variable, word};
use tirkeu::money::Money;
use tirkeu::pages::inert;
use tirkeu::patients::{PatientForm, Query};
use tirkeu::settings::Settings;
use tirkeu::vault::{Head, SessionToken};
use tirkeu::web::{cookie, local_path};

pub type Check = fn(&[u8]);

/// Each by its name, which is also the fuzz target's.
pub const ALL: [(&str, Check); 17] = [
    ("phones", phones),
    ("numbers", numbers),
    ("names", names),
    ("cells", cells),
    ("sheets", sheets),
    ("headers", headers),
    ("notes", notes),
    ("wordings", wordings),
    ("texts", texts),
    ("signatures", signatures),
    ("forms", forms),
    ("settings", settings),
    ("archives", archives),
    ("packs", packs),
    ("addresses", addresses),
    ("receipts", receipts),
    ("webhooks", webhooks),
];

const TODAY: Date = date(2026, 11, 27);

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_e164(phone: &Phone) -> bool {
    let digits = phone.as_str().strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Phone numbers, alone and in a text.
pub fn phones(bytes: &[u8]) {
    let text = lossy(bytes);
    if let Ok(phone) = Phone::parse(&text) {
        assert!(is_e164(&phone), "{phone:?}");
        assert_eq!(Phone::parse(phone.as_str()).as_ref(), Ok(&phone), "it reads itself");
        let shown = phone.digits().len();
        assert!(phone.masked().chars().filter(char::is_ascii_digit).count() < shown);
    }
    let mut end = 0;
    for found in phone::find_all(&text) {
        assert!(end <= found.span.start && found.span.start < found.span.end, "{found:?}");
        end = found.span.end;
        let _ = &text[found.span];
        assert!(found.number.as_ref().map_or(true, is_e164));
    }
}

/// IIN, BIN, sums of money.
pub fn numbers(bytes: &[u8]) {
    let text = lossy(bytes);
    if let Ok(iin) = Iin::parse(&text) {
        assert_eq!(iin.as_str().len(), 12);
        assert!(iin.as_str().bytes().all(|byte| byte.is_ascii_digit()));
        assert!(!iin.masked().contains(iin.as_str()));
        let _ = (iin.birth_date(), iin.sex(), iin.is_foreigner());
    }
    if let Ok(bin) = Bin::parse(&text) {
        assert_eq!(bin.as_str().len(), 12);
        let _ = bin.is_person();
    }
    if let Some(sum) = Money::parse(&text) {
        let _ = sum.to_string();
    }
    if let Ok(number) = <[u8; 8]>::try_from(bytes) {
        let _ = Iin::from_number(u64::from_le_bytes(number));
    }
}

/// Names of people.
pub fn names(bytes: &[u8]) {
    let text = lossy(bytes);
    let read = name::split(&text);
    assert_eq!(name::split(&read.full()).is_empty(), read.is_empty(), "{read:?}");
    let _ = (name::is_initial(&text), name::is_surname(&text), name::is_patronymic(&text));
    let thirds: Vec<&str> = text.splitn(3, ' ').collect();
    if let [surname, given, patronymic] = thirds[..] {
        let whole = Name::new(surname, given, patronymic);
        let _ = (whole.full(), whole.fullness());
    }
}

/// One cell of an import.
pub fn cells(bytes: &[u8]) {
    let text = lossy(bytes);
    let mut all = vec![Cell::text(&text)];
    if let Some(number) = bytes.first_chunk::<8>() {
        all.push(Cell::Number(f64::from_le_bytes(*number)));
    }
    for cell in &all {
        for hints in [
            values::DateHints::default(),
            values::DateHints {
                year: Some(2025),
                month: Some(2),
                month_first: true,
                century: values::Century::Birth { latest: 2026 },
            },
        ] {
            let _ = values::date(cell, hints);
        }
        for hours in [false, true] {
            let _ = values::time(cell, hours);
            let _ = values::minutes(cell, hours);
        }
        let _ = (values::sum(cell), cell.shown());
    }
    let _ = (values::month_and_year(&text), values::status(&text), values::is_blank_mark(&text));
    let cell = inert(&text);
    assert!(!cell.starts_with(['=', '@', '\t', '\r']), "{cell:?}");
}

/// A file of an import: encoding, separator, header, columns, rows.
pub fn sheets(bytes: &[u8]) {
    let Ok(read) = read(bytes) else { return };
    let layouts = guess(&read, None, TODAY);
    assert_eq!(layouts.len(), read.len());
    if let Ok(file) = interpret::open("f", bytes, None, TODAY) {
        let outcome = interpret::interpret(&[file], &interpret::Known::default(), TODAY);
        let _ = outcome.count();
    }
}

/// What stands in a request's headers, and where a page sends a browser on.
pub fn headers(bytes: &[u8]) {
    let text = lossy(bytes);
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        headers.insert(COOKIE, value);
        if let Some(sid) = cookie(&headers, "__Host-sid") {
            assert!(text.contains(sid));
            let _ = SessionToken::from_cookie(sid);
        }
    }
    let _ = Language::accepted(&text);
    if let Some(path) = local_path(&text) {
        assert!(path.starts_with('/') && !path.starts_with("//") && path.is_ascii());
        assert!(!path.contains(['\\', '\r', '\n', '\t', ' ']));
    }
}

/// Signed notes, checkpoints, keys, the ledger's head.
pub fn notes(bytes: &[u8]) {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    let text = lossy(bytes);
    let key = KEY.get_or_init(|| {
        let pkcs8 = SigningKey::generate_pkcs8(&Random::fixed(1));
        SigningKey::from_pkcs8(&pkcs8).expect("just made")
    });
    let ours = [key.verifying_key()];
    assert!(open_note(&text, "clinic/audit", &ours).is_err(), "signed by nobody: {text}");
    assert!(Checkpoint::open(&text, "clinic/audit", &ours).is_err());
    let _ = Checkpoint::parse(&text);
    if let Some(head) = Head::parse(&text) {
        assert_eq!(Head::parse(&head.to_string()).map(|head| head.size), Some(head.size));
    }
    let _ = VerifyingKey::from_pem(&text);
    if let Some((name, key)) = VerifyingKey::from_vkey(&text) {
        assert_eq!(key.to_vkey(&name), text.trim());
    }
    // A signed text is opened whole or not at all.
    let said = text.replace('\n', " ") + "\n";
    let note = key.sign_note("clinic/audit", &said);
    assert_eq!(open_note(&note, "clinic/audit", &ours), Ok(said.as_str()));
    let _ = read_fingerprint(&text);
}

/// The text of a consent.
pub fn wordings(bytes: &[u8]) {
    let text = lossy(bytes);
    let _ = placeholders(&text).count();
    if let Ok(wording) = Wording::parse(&text) {
        assert!(!wording.title.trim().is_empty());
        assert_eq!(Wording::parse(&text).ok().map(|it| it.title), Some(wording.title));
    }
    let _ = serde_json::from_slice::<Document>(bytes);
}

/// The text of a message, and what it costs.
pub fn texts(bytes: &[u8]) {
    let text = lossy(bytes);
    let cost = Segments::of(&text);
    assert!(cost.parts >= 1);
    let full = if Alphabet::of(&text) == Alphabet::Gsm7 { 160 } else { 70 };
    assert_eq!(cost.parts == 1, cost.units <= full);
    let values = Values::new().with(Variable::Clinic, "{{ 7*7 }}").with(Variable::Code, "123456");
    if let Ok(said) = word(Purpose::ConsentCode, Language::Ru, &text, &values) {
        assert!(said.segments.parts <= 3);
        assert!(said.text.contains("123456"), "a code that is not in its message");
    }
}

/// Strokes of a finger, and the picture made of them.
pub fn signatures(bytes: &[u8]) {
    let text = lossy(bytes);
    if let Ok(signature) = Signature::from_strokes(&text) {
        let svg = signature.to_svg();
        assert!(svg.bytes().all(|byte| byte.is_ascii()) && svg.matches('<').count() == 3);
        assert_eq!(Signature::from_svg(&svg), Some(signature), "{svg}");
    }
    if let Some(signature) = Signature::from_svg(&text) {
        assert_eq!(signature.to_svg(), text);
        assert!(!text.contains("<script") && text.matches('<').count() == 3, "{text}");
    }
}

/// Forms of a card, search, days.
pub fn forms(bytes: &[u8]) {
    let text = lossy(bytes);
    let fields: Vec<&str> = text.split('\u{1}').collect();
    let at = |index: usize| fields.get(index).copied().unwrap_or_default().to_owned();
    let form = PatientForm {
        surname: at(0),
        given: at(1),
        patronymic: at(2),
        phone: at(3),
        phone2: at(4),
        birth_date: at(5),
        iin: at(6),
        sex: at(7),
        language: at(8),
        allergy: at(9),
        note: at(10),
        ..PatientForm::default()
    };
    if let Ok(card) = form.understand(Day::from_jiff(TODAY)) {
        assert!(!card.name.is_empty());
        assert!(card.phones.iter().all(is_e164));
        assert!(card.birth_date.is_none_or(|day| day <= Day::from_jiff(TODAY)));
    }
    let _ = Query::understand(&text);
    if let Ok(day) = text.parse::<Day>() {
        assert_eq!(day.to_string().parse::<Day>().ok(), Some(day));
    }
    if let Ok(at) = text.parse::<Civil>() {
        assert!(at.minute_of_day() < 1440);
    }
}

/// `tirkeu.toml`.
pub fn settings(bytes: &[u8]) {
    if let Err((reason, _)) = Settings::parse(&lossy(bytes)) {
        assert!(reason.starts_with("line "), "{reason}");
    }
}

/// A backup, as one gets it back from a disk that somebody else had.
pub fn archives(bytes: &[u8]) {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    let identity = IDENTITY.get_or_init(Identity::generate);
    if let Some(line) = BlobLine::parse(&lossy(bytes)) {
        assert_eq!(BlobLine::parse(line.to_line().trim_end_matches('\n')).as_ref(), Some(&line));
    }
    // As it is, and as what our own key opens.
    let sealed = ages::encrypt(bytes, &[identity.recipient()]);
    for contents in [bytes, &sealed] {
        let mut file = tempfile::NamedTempFile::new().expect("there is room");
        file.write_all(contents).expect("there is room");
        if let Ok(archive) = ArchiveReader::open(file.path(), identity) {
            assert!(archive.check(&mut |_| {}).is_err(), "nothing here was written by us");
        }
    }
}

/// The evidence of a consent, as a court might get it.
pub fn packs(bytes: &[u8]) {
    let verified = verify(bytes, None);
    assert!(!verified.faults.is_empty(), "nothing here was sealed by anybody");
}

/// Where a gateway listens.
pub fn addresses(bytes: &[u8]) {
    let text = lossy(bytes);
    if let Ok(endpoint) = Endpoint::parse(&text) {
        let shown = endpoint.as_str();
        assert!(shown.starts_with("https://") || shown.starts_with("http://"));
        assert!(!shown.contains(['@', '?', '#', ' ']), "{shown}");
        assert_eq!(Endpoint::parse(shown).ok().as_ref(), Some(&endpoint));
    }
}

/// What a centre brings over SMPP: numbers of messages are plain words, and a
/// number is among its own spellings.
pub fn receipts(bytes: &[u8]) {
    let Some(said) = Deliver::read(bytes) else { return };
    assert!(said.text.len() <= bytes.len());
    assert!(said.source.bytes().all(|byte| byte.is_ascii_graphic()));
    let Some(receipt) = Receipt::of(&said) else { return };
    if let Some(id) = receipt.id {
        assert!(!id.is_empty() && id.len() <= 64);
        assert!(id.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(spellings(&id).contains(&id));
    }
}

/// What Instagram tells: whoever is written to is a number of theirs, and what was
/// no text is named by a plain word.
pub fn webhooks(bytes: &[u8]) {
    let Some((all, _)) = instagram::read(&lossy(bytes)) else { return };
    for one in all {
        assert!((1..=32).contains(&one.person.len()), "{one:?}");
        assert!(one.person.bytes().all(|byte| byte.is_ascii_digit()), "{one:?}");
        match one.what {
            What::Said { id, .. } | What::Echo { id, .. } => assert!(!id.is_empty()),
            What::Unsaid { id } | What::Read { id } => assert!((1..=400).contains(&id.len())),
            What::Other => {}
        }
    }
}
