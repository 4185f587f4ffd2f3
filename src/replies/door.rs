//! The door at which gateways hand replies over: an address with a secret in it,
//! of which only the hash is kept. What is pushed there is read here.

use std::collections::HashMap;

use serde_json::json;

use crate::clinic::Clinic;
use crate::messaging::Inbound;
use crate::messaging::setup::{self, GatewayKind};
use crate::reminders::Token;
use crate::replies::{store, taking};
use crate::vault::permission::{Permission, SetUpGateways, TakeReplies};
use crate::vault::{Event, Grant, Subject, VaultError};

/// Makes a new address; the one before it stops working.
pub(super) async fn make(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
) -> Result<Token, VaultError> {
    let token = Token::generate(&clinic.random);
    let hash = token.hash();
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_door(tx, Some(&hash), grant.staff()).await?;
            Ok::<_, VaultError>((token, Event::new("reply.door_made", Subject::Clinic)))
        })
        .await
}

/// Shuts it.
pub(super) async fn shut(clinic: &Clinic, grant: &Grant<SetUpGateways>) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_door(tx, None, grant.staff()).await?;
            Ok::<_, VaultError>(((), Event::new("reply.door_shut", Subject::Clinic)))
        })
        .await
}

pub(super) async fn has<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<bool, VaultError> {
    store::has_door(&mut clinic.vault.read(grant).await?).await
}

/// A pushed reply, as its gateway's document names its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pushed {
    pub id: Option<String>,
    pub from: String,
    pub to: String,
    pub text: String,
}

/// SMSC posts a form: `phone`, `mes`, `to`, `id`. None for what is no reply: the
/// same address may be given for reports.
pub(super) fn of_smsc(form: &[(Vec<u8>, Vec<u8>)]) -> Option<Pushed> {
    let fields = fields(form);
    let text = fields.get("mes")?.to_owned();
    let said = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let id = fields.get("id").filter(|id| !id.is_empty()).cloned();
    Some(Pushed { id, from: fields.get("phone")?.to_owned(), to: said("to"), text })
}

/// Kannel's sms-service fills an address in: `from=%p&to=%P&id=%I&charset=%C&text=%b`.
/// Its text comes as the bytes that the telephone sent.
pub(super) fn of_kannel(query: &[(Vec<u8>, Vec<u8>)]) -> Option<Pushed> {
    let fields = fields(query);
    let (_, bytes) = query.iter().find(|(name, _)| name == b"text")?;
    let charset = fields.get("charset").map(|name| name.to_uppercase()).unwrap_or_default();
    let text = match charset.as_str() {
        "UTF-16BE" | "UCS-2" => {
            let (text, _) = encoding_rs::UTF_16BE.decode_without_bom_handling(bytes);
            text.into_owned()
        }
        "WINDOWS-1252" | "ISO-8859-1" => {
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
            text.into_owned()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let said = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let id = fields.get("id").filter(|id| !id.is_empty()).cloned();
    Some(Pushed { id, from: fields.get("from")?.to_owned(), to: said("to"), text })
}

fn fields(pairs: &[(Vec<u8>, Vec<u8>)]) -> HashMap<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    pairs.iter().map(|(name, value)| (text(name), text(value))).collect()
}

/// Takes what was pushed. False when the secret opens nothing, or the clinic has
/// no such gateway.
pub(super) async fn push(
    clinic: &Clinic,
    grant: &Grant<TakeReplies>,
    token: &Token,
    kind: GatewayKind,
    pushed: Option<Pushed>,
) -> Result<bool, VaultError> {
    if !store::is_door(&mut clinic.vault.read(grant).await?, &token.hash()).await? {
        return Ok(false);
    }
    let Some(gateway) = setup::first_of(clinic, grant, kind).await? else { return Ok(false) };
    let Some(Pushed { id, from, to, text }) = pushed else { return Ok(true) };
    let at = clinic.clock().now();
    let said = Inbound { gateway, id, from, to, text, at, since: at, nickname: None };
    taking::take(clinic, grant, &said).await?;
    Ok(true)
}

/// The event of a changed mode.
pub(super) async fn set_links(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    links: bool,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            setup::set_links_in(tx, links, grant.staff()).await?;
            let event = Event::new("reply.rule_set", Subject::Clinic);
            Ok::<_, VaultError>(((), event.with_detail(json!({ "links": links }))))
        })
        .await
}

/// The pairs of a form or a query, as bytes: not all of them are UTF-8.
pub(super) fn pairs(encoded: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let parts = encoded.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let at = part.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((part, &[][..]), |at| (&part[..at], &part[at + 1..]));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let pair = (*byte == b'%').then(|| (digit(text.get(at + 1)), digit(text.get(at + 2))));
        match (byte, pair) {
            (_, Some((Some(high), Some(low)))) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 2;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_byte_by_byte() {
        let read = pairs(b"a=%D0%B4%D0%B0&b=1+2&c&=x&d=%4&e=%zz%30");
        let text: Vec<(String, String)> = fields_in_order(&read);
        let expected =
            [("a", "да"), ("b", "1 2"), ("c", ""), ("", "x"), ("d", "%4"), ("e", "%zz0")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(text, expected);
    }

    fn fields_in_order(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        pairs.iter().map(|(name, value)| (text(name), text(value))).collect()
    }

    #[test]
    fn kannels_text_is_read_in_the_alphabet_it_names() {
        let of = |query: &str| of_kannel(&pairs(query.as_bytes())).unwrap();
        let wide = of("from=%2B77012345678&to=4040&id=ab-1&charset=UTF-16BE&text=%04%38%04%d9");
        assert_eq!((wide.text.as_str(), wide.from.as_str()), ("иә", "+77012345678"));
        assert_eq!(wide.id.as_deref(), Some("ab-1"));
        assert_eq!(of("from=7&text=%D0%B4%D0%B0&id=").text, "да");
        assert_eq!(of("from=7&text=%D0%B4%D0%B0&id=").id, None);
        assert_eq!(of("from=7&charset=GSM&text=1").text, "1");
        assert_eq!(of_kannel(&pairs(b"from=7")), None);
    }

    #[test]
    fn a_report_of_smsc_is_no_reply() {
        let reply = of_smsc(&pairs(b"id=5&phone=77012345678&mes=1&to=77770000000"));
        assert_eq!(reply.map(|one| one.text), Some("1".to_owned()));
        assert_eq!(of_smsc(&pairs(b"id=5&phone=77012345678&status=1")), None);
    }
}
