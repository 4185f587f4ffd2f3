//! What the tablet's pages show.

use super::{KioskPage, LockPage};
use crate::clock::Timestamp;
use crate::consents::document::{Fact, short_id};
use crate::consents::kiosk::Current;
use crate::consents::model::{ConsentId, Step, masked_phone};
use crate::consents::routes::ShownPart;
use crate::consents::tablets::Tablet;
use crate::consents::{ConsentError, otp};
use crate::pages::View;

/// Letters that a patient reads in a minute.
const LETTERS_A_MINUTE: usize = 1000;

impl KioskPage {
    pub(super) fn of(
        current: &Current,
        tablet: &Tablet,
        now: Timestamp,
    ) -> Result<Self, ConsentError> {
        let row = &current.row;
        let document = row.document()?;
        let digest = row.document_sha256.as_deref().and_then(|sha| <[u8; 32]>::try_from(sha).ok());
        let sent_at = current.code.as_ref().filter(|code| code.is_good(now)).map(|c| c.sent_at);
        let wait = current.code.as_ref().map_or(0, |code| {
            (code.sent_at.unix_ms() + otp::RESEND_MS - now.unix_ms() + 999) / 1000
        });
        let letters: usize =
            document.parts.iter().map(crate::consents::template::Part::letters).sum();
        Ok(Self {
            consent: row.id,
            screen: match row.step {
                Step::Read => "read",
                Step::Sign => "sign",
                Step::Code => "code",
                Step::Paper => "paper",
            },
            who: document.patient.name,
            tablet: tablet.row.name.clone(),
            language: row.language.tag(),
            number: row.number.clone(),
            title: document.title,
            parts: ShownPart::all(&document.parts),
            facts: document.facts,
            basis: document.basis,
            minutes: letters.div_ceil(LETTERS_A_MINUTE).max(1),
            step_count: if row.level.needs_drawing() { 3 } else { 2 },
            short_id: digest.map(|digest| short_id(&digest)).unwrap_or_default(),
            phone: row.phone.as_deref().map(masked_phone).unwrap_or_default(),
            sent: sent_at.is_some(),
            wait: wait.max(0),
            more: current.more,
            left: (row.expires_at.unix_ms() - now.unix_ms()).max(0) / 1000 + 1,
            error: "",
            tries: 0,
            missing: Vec::new(),
        })
    }

    pub(super) fn say(&mut self, error: &ConsentError) {
        self.error = match error {
            ConsentError::WrongCode { left: 0 } => "consents-code-dead",
            ConsentError::WrongCode { left } => {
                self.tries = *left;
                "consents-code-wrong"
            }
            other => other.key(),
        };
        if let ConsentError::Tick(crate::consents::document::TickError::Required(keys)) = error {
            self.missing.clone_from(keys);
        }
        if matches!(
            error,
            ConsentError::CodeDead
                | ConsentError::CodeGone
                | ConsentError::DocumentChanged
                | ConsentError::WrongCode { left: 0 }
        ) {
            self.sent = false;
        }
    }
}

impl otp::Issued {
    /// Whether it can still be typed.
    fn is_good(&self, now: Timestamp) -> bool {
        let age = now.unix_ms() - self.sent_at.unix_ms();
        self.used_at.is_none()
            && self.replaced_at.is_none()
            && self.wrong < otp::ATTEMPTS
            && age <= otp::LIFETIME_MS
    }
}

impl View for KioskPage {
    const TEMPLATE: &'static str = "consents/kiosk.html";

    fn samples() -> Vec<Self> {
        use crate::consents::template::Part;
        let part = |part: &Part| ShownPart::of(part);
        let sample = |screen, error, sent| Self {
            consent: ConsentId::new(Timestamp::from_unix_ms(1_790_000_000_000)),
            screen,
            who: "Ada Lovelace".to_owned(),
            tablet: "Desk 2".to_owned(),
            language: "kk",
            number: "2026-000042".to_owned(),
            title: "Treatment".to_owned(),
            parts: vec![
                part(&Part::Heading { text: "What".to_owned() }),
                part(&Part::Paragraph { text: "I, **Ada**, agree.".to_owned() }),
                part(&Part::Boxed { text: "**Allergy.**".to_owned() }),
                part(&Part::List { items: vec!["one".to_owned(), "two".to_owned()] }),
                part(&Part::Check {
                    key: "agree".to_owned(),
                    text: "I agree".to_owned(),
                    required: true,
                    ticked: false,
                }),
            ],
            facts: vec![Fact { name: "Service".to_owned(), value: "Filling".to_owned() }],
            basis: "Law".to_owned(),
            minutes: 2,
            step_count: 3,
            short_id: "A1B2-C3D4".to_owned(),
            phone: "+7 (701) ***-**-78".to_owned(),
            sent,
            wait: if sent { 38 } else { 0 },
            more: 1,
            left: 1200,
            error,
            tries: 3,
            missing: vec!["agree".to_owned()],
        };
        vec![
            sample("read", "consents-tick-required", false),
            sample("sign", "", false),
            sample("code", "", false),
            sample("code", "consents-code-wrong", true),
            sample("paper", "", false),
            sample("refusal", "", false),
        ]
    }
}

impl View for LockPage {
    const TEMPLATE: &'static str = "consents/lock.html";

    fn samples() -> Vec<Self> {
        let sample = |screen| Self { screen, tablet: "Desk 2".to_owned(), seconds: 20 };
        ["lock", "done", "refused", "over"].map(sample).into()
    }
}
