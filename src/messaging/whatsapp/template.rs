//! Templates as Meta approved them, and which values go into them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::app::AppError;
use super::store;
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::messaging::gateway::whatsapp::Filled;
use crate::messaging::text::{Class, NEUTRAL, Purpose, Values, Variable};
use crate::vault::permission::SetUpGateways;
use crate::vault::{Event, Grant, Subject, VaultError};

/// What Meta counts a template as: it decides about prices and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Category {
    /// About a visit that the patient has.
    Utility,
    /// All that should bring somebody back.
    Marketing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Template {
    pub purpose: Purpose,
    pub language: Language,
    pub name: String,
    /// Meta's code of the language.
    pub code: String,
    pub category: Category,
    /// Values of the body, in order.
    pub parameters: Json<Vec<Variable>>,
    /// Confirm, move, cancel.
    pub buttons: bool,
}

/// What the form asks for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TemplateChange {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub marketing: bool,
    /// Names of variables, between commas.
    #[serde(default)]
    pub parameters: String,
    #[serde(default)]
    pub buttons: bool,
}

/// The neutral values of a message, by the names of their variables.
pub fn neutral_of(values: &Values) -> String {
    let named = NEUTRAL.iter().filter_map(|one| Some((one.name(), values.get(*one)?)));
    serde_json::to_string(&named.collect::<BTreeMap<_, _>>()).expect("texts are JSON")
}

impl Template {
    /// The sample that every account has, for trials.
    pub fn sample() -> Filled {
        Filled { name: "hello_world".to_owned(), code: "en_US".to_owned(), ..Filled::default() }
    }

    /// With the values of a message. None when one is missing: Meta refuses an
    /// empty parameter.
    pub fn filled(&self, neutral: &str, payloads: Vec<String>) -> Option<Filled> {
        let values: BTreeMap<String, String> = serde_json::from_str(neutral).ok()?;
        let value = |one: &Variable| {
            let value = values.get(one.name())?.replace(['\n', '\t'], " ");
            (!value.is_empty()).then_some(value)
        };
        let parameters = self.parameters.iter().map(value).collect::<Option<Vec<_>>>()?;
        Some(Filled { name: self.name.clone(), code: self.code.clone(), parameters, payloads })
    }
}

impl TemplateChange {
    fn read(
        &self,
        purpose: Purpose,
        language: Language,
    ) -> Result<Template, BTreeMap<&'static str, &'static str>> {
        let mut wrong = BTreeMap::new();
        let name = self.name.trim().to_owned();
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || 512 < name.len() || !name.bytes().all(letter) {
            wrong.insert("name", "messaging-error-template-name");
        }
        let code = match self.code.trim() {
            "" => language.to_string(),
            code => code.to_owned(),
        };
        if 8 < code.len() || !code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_') {
            wrong.insert("code", "messaging-error-template-code");
        }
        let known = |name: &str| Variable::ALL.into_iter().find(|one| one.name() == name);
        let mut parameters = Vec::new();
        let names = self.parameters.split([',', ' ']).filter(|name| !name.is_empty());
        for name in names {
            match known(name) {
                None => {
                    wrong.insert("parameters", "messaging-error-template-unknown");
                }
                Some(one) if one.class() == Class::Clinical => {
                    wrong.insert("parameters", "messaging-error-clinical");
                }
                Some(one) if one.class() != Class::Neutral => {
                    wrong.insert("parameters", "messaging-error-not-neutral");
                }
                Some(one) if !purpose.variables().iter().any(|(has, _)| *has == one) => {
                    wrong.insert("parameters", "messaging-error-template-unknown");
                }
                Some(one) => parameters.push(one),
            }
        }
        let category = if self.marketing { Category::Marketing } else { Category::Utility };
        let (parameters, buttons) = (Json(parameters), self.buttons && may_have_buttons(purpose));
        let whole = Template { purpose, language, name, code, category, parameters, buttons };
        if wrong.is_empty() { Ok(whole) } else { Err(wrong) }
    }
}

/// Whether a message of this purpose may go by WhatsApp at all: a code opens
/// something, and stays in the country.
pub fn may_go(purpose: Purpose) -> bool {
    !matches!(purpose, Purpose::ConsentCode | Purpose::BookingCode)
}

/// Whether it is about one visit that can be answered for.
pub fn may_have_buttons(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::BookingMade
            | Purpose::BookingMoved
            | Purpose::VisitReminder
            | Purpose::FamilyReminder
    )
}

/// Says which template of Meta's a message of this purpose is.
///
/// # Errors
/// [`AppError`] says which field is wrong.
pub async fn save_template(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    (purpose, language): (Purpose, Language),
    change: &TemplateChange,
) -> Result<(), AppError> {
    let template = change.read(purpose, language).map_err(AppError::Fields)?;
    let detail = serde_json::json!({ "purpose": purpose, "language": language });
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_template(tx, &template).await?;
            Ok(((), Event::new("whatsapp.template_changed", Subject::Clinic).with_detail(detail)))
        })
        .await
        .map_err(|error: VaultError| error.into())
}

/// Messages of this purpose and language go as SMS again.
pub async fn remove_template(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    (purpose, language): (Purpose, Language),
) -> Result<(), VaultError> {
    let detail = serde_json::json!({ "purpose": purpose, "language": language });
    clinic
        .vault
        .change(grant, async |tx| {
            store::remove_template(tx, purpose, language).await?;
            Ok(((), Event::new("whatsapp.template_removed", Subject::Clinic).with_detail(detail)))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(parameters: &str) -> Option<&'static str> {
        let change = TemplateChange {
            name: "visit_soon".to_owned(),
            parameters: parameters.to_owned(),
            ..TemplateChange::default()
        };
        let read = change.read(Purpose::VisitReminder, Language::Kk);
        read.err().and_then(|wrong| wrong.get("parameters").copied())
    }

    #[test]
    fn only_neutral_values_can_be_parameters_of_a_template() {
        assert_eq!(wrong("clinic, date, time, link"), None);
        for personal in ["name", "address"] {
            assert_eq!(wrong(personal), Some("messaging-error-not-neutral"), "{personal}");
        }
        for clinical in ["doctor", "service", "preparation", "document"] {
            assert_eq!(wrong(clinical), Some("messaging-error-clinical"), "{clinical}");
        }
        for stranger in ["diagnosis", "until"] {
            assert_eq!(wrong(stranger), Some("messaging-error-template-unknown"), "{stranger}");
        }
    }

    #[test]
    fn what_is_kept_for_a_template_holds_nothing_but_neutral_values() {
        let mut values = Values::new();
        for one in Variable::ALL {
            values = values.with(one, format!("<{}>", one.name()));
        }
        let kept = neutral_of(&values);
        for one in Variable::ALL {
            let is_there = kept.contains(&format!("<{}>", one.name()));
            assert_eq!(is_there, NEUTRAL.contains(&one), "{}", one.name());
        }
    }

    #[test]
    fn a_template_with_an_empty_value_is_not_sent() {
        let template = TemplateChange {
            name: "a".to_owned(),
            parameters: "date, link".to_owned(),
            ..TemplateChange::default()
        };
        let template = template.read(Purpose::VisitReminder, Language::Ru).unwrap();
        assert_eq!(template.filled(r#"{"date":"1"}"#, Vec::new()), None);
        let filled = template.filled(r#"{"date":"1","link":"2"}"#, Vec::new()).unwrap();
        assert_eq!((filled.parameters, filled.code), (vec!["1".into(), "2".into()], "ru".into()));
    }
}
