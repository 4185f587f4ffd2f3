//! Third parties and transfers abroad (law 94-V art. 7(6), 16, 22(1)(5); rules
//! 179/НҚ p. 9(5)). Whoever the program is set up to send to is here by itself,
//! with how much was sent; the clinic says who that is, and who else there is.

mod form;
pub(in crate::accountability) mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::accountability::{AccountabilityError, DataClass, told};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::incidents::papers::Speech;
use crate::vault::permission::{KeepRegisters, Permission};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use crate::contact::Country;
pub use form::RecipientForm;
pub use routes::{RecipientPage, RecipientsPage, routes};

/// One version of what the clinic says of a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Recipient {
    pub code: String,
    pub version: i64,
    pub name: String,
    pub country: Country,
    pub purpose_ru: String,
    pub purpose_kk: String,
    pub basis_ru: String,
    pub basis_kk: String,
    #[sqlx(json)]
    pub classes: Vec<DataClass>,
    /// Number and date of the contract; empty until there is one.
    pub contract: String,
    pub ended: bool,
    pub made_at: Timestamp,
    /// The name.
    pub made_by: Option<String>,
}

/// A version to be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecipient {
    pub name: String,
    pub country: Country,
    /// Russian, Kazakh; so is the basis.
    pub purpose: [String; 2],
    pub basis: [String; 2],
    pub classes: Vec<DataClass>,
    pub contract: String,
    pub ended: bool,
}

/// How the mail server is called among the channels.
const MAIL: &str = "mail";

/// A gateway or mail server that the program sends to, or has sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Channel {
    /// `smsc`, `kannel`, `mail`.
    pub kind: String,
    /// Where it is reached now; None when it is no longer in use.
    pub endpoint: Option<String>,
    /// Where its servers are, as the gateway's settings say.
    pub country: Option<Country>,
    /// Messages handed over, by the log of transfers.
    pub sent: i64,
    pub first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
}

/// A recipient in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecipientRow {
    pub code: String,
    pub name: String,
    /// None until the clinic has said.
    pub country: Option<Country>,
    pub abroad: bool,
    pub purpose: String,
    pub basis: String,
    pub classes: String,
    pub contract: String,
    /// From the gateway's settings and the sent messages.
    pub channel: Option<Channel>,
    /// The program sends there, and nobody has said who that is.
    pub unsaid: bool,
    /// Nobody has entered a contract.
    pub no_contract: bool,
}

/// What the clinic has said, every version, by code, the newest first.
pub async fn all<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<Recipient>, VaultError> {
    store::all(&mut vault.read(grant).await?).await
}

/// Whoever receives data now, in words: first those that the program sends to.
pub async fn rows<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    speech: &Speech<'_>,
) -> Result<Vec<RecipientRow>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let channels = store::channels(&mut reader).await?;
    let all = store::all(&mut reader).await?;
    Ok(listed(&all, channels, speech))
}

/// The code of a channel in the register.
pub fn code_of(channel: &Channel) -> String {
    if channel.kind == MAIL { MAIL.to_owned() } else { format!("sms_{}", channel.kind) }
}

/// What goes that way, as far as the program knows.
fn classes_of(channel: &Channel) -> &'static [DataClass] {
    if channel.kind == MAIL {
        &[DataClass::Staff]
    } else {
        &[DataClass::Contact, DataClass::Messages]
    }
}

fn listed(all: &[Recipient], channels: Vec<Channel>, speech: &Speech<'_>) -> Vec<RecipientRow> {
    let mut newest: Vec<&Recipient> = Vec::new();
    for one in all {
        if !newest.iter().any(|other| other.code == one.code) {
            newest.push(one);
        }
    }
    let mut rows = Vec::new();
    for channel in channels {
        let code = code_of(&channel);
        let at = newest.iter().position(|one| one.code == code);
        let told = at.map(|at| newest.swap_remove(at));
        rows.push(match told {
            Some(told) => RecipientRow { channel: Some(channel), ..RecipientRow::of(told, speech) },
            None => RecipientRow::unsaid(channel, speech),
        });
    }
    newest.sort_by(|one, other| one.code.cmp(&other.code));
    let typed = newest.into_iter().filter(|one| !one.ended);
    rows.extend(typed.map(|one| RecipientRow::of(one, speech)));
    rows
}

/// Puts what the clinic says of a recipient in the place of what it said.
///
/// # Errors
/// [`AccountabilityError::Changed`] when `seen` is no longer the last version.
pub async fn replace(
    vault: &Vault,
    grant: &Grant<KeepRegisters>,
    code: Option<&str>,
    seen: i64,
    new: &NewRecipient,
) -> Result<String, AccountabilityError> {
    vault
        .change(grant, async |tx| {
            let code = match code {
                Some(code) => code.to_owned(),
                None => store::free_code(tx).await?,
            };
            if store::last_version(tx, &code).await? != seen {
                return Err(AccountabilityError::Changed);
            }
            let version = seen + 1;
            store::insert(tx, &code, version, new, grant.staff()).await?;
            let event = Event::new("accountability.recipient_changed", Subject::Clinic);
            let detail = json!({ "code": code, "version": version, "country": new.country,
                "ended": new.ended });
            Ok((code, event.with_detail(detail)))
        })
        .await
}

impl RecipientRow {
    fn of(told_of: &Recipient, speech: &Speech<'_>) -> Self {
        let language = speech.language;
        let say = |class: &DataClass| speech.say(&format!("accountability-class-{}", class.name()));
        Self {
            code: told_of.code.clone(),
            name: told_of.name.clone(),
            country: Some(told_of.country),
            abroad: told_of.country.is_abroad(),
            purpose: told(language, &told_of.purpose_ru, &told_of.purpose_kk).to_owned(),
            basis: told(language, &told_of.basis_ru, &told_of.basis_kk).to_owned(),
            classes: told_of.classes.iter().map(say).collect::<Vec<_>>().join(", "),
            contract: told_of.contract.clone(),
            channel: None,
            unsaid: false,
            no_contract: told_of.contract.is_empty(),
        }
    }

    /// A channel that the clinic has said nothing of: what the program knows.
    /// Letters go to the clinic's own people and tell of no patient.
    fn unsaid(channel: Channel, speech: &Speech<'_>) -> Self {
        let (name, about) = match channel.kind.as_str() {
            MAIL => ("accountability-mail-name".to_owned(), "mail"),
            kind => (format!("messaging-gateway-{kind}"), "sms"),
        };
        let classes = classes_of(&channel);
        let say = |class: &DataClass| speech.say(&format!("accountability-class-{}", class.name()));
        Self {
            code: code_of(&channel),
            name: speech.say(&name),
            country: channel.country,
            abroad: channel.country.is_some_and(Country::is_abroad),
            purpose: speech.say(&format!("accountability-{about}-purpose")),
            basis: speech.say(&format!("accountability-{about}-basis")),
            classes: classes.iter().map(say).collect::<Vec<_>>().join(", "),
            contract: String::new(),
            channel: Some(channel),
            unsaid: true,
            no_contract: true,
        }
    }
}
