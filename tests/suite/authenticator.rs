//! An authenticator in software: makes a key and answers with it as a security
//! key does (W3C Web Authentication, 6), or as no honest one would.

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW_KEY_INSIDE: u8 = 0x40;

pub struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    owner: String,
    pub counter: u32,
    /// The page that the browser says it shows.
    pub origin: String,
    /// The server that it says it answers to; that of the question when empty.
    pub host: String,
    /// Whether it looked who holds it.
    pub verifies: bool,
}

impl Authenticator {
    pub fn new(origin: &str) -> Self {
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), &random).unwrap();
        let id = sha256(key.public_key().as_ref());
        Self {
            key,
            id,
            owner: String::new(),
            counter: 1,
            origin: origin.to_owned(),
            host: String::new(),
            verifies: true,
        }
    }

    /// What `navigator.credentials.create` answers, as JSON.
    pub fn make(&mut self, asked: &str) -> String {
        let asked: Value = serde_json::from_str(asked).unwrap();
        asked["user"]["id"].as_str().unwrap().clone_into(&mut self.owner);
        let point = self.key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        // COSE_Key of RFC 9053: EC2, ES256, P-256.
        let cose = [
            &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20],
            x,
            &[0x22, 0x58, 0x20],
            y,
        ]
        .concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let attested = [[0; 16].as_slice(), &length, &self.id, &cose].concat();
        let data = self.data(asked["rp"]["id"].as_str().unwrap(), NEW_KEY_INSIDE, &attested);
        let length = [u8::try_from(data.len()).unwrap()];
        let object =
            [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(), &length, &data]
                .concat();
        self.wrap(&json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&self.page("webauthn.create", &asked)),
            "attestationObject": BASE64URL_NOPAD.encode(&object),
            "transports": ["usb"],
        }))
    }

    /// What `navigator.credentials.get` answers, as JSON; counts one up.
    pub fn answer(&mut self, asked: &str) -> String {
        let asked: Value = serde_json::from_str(asked).unwrap();
        self.counter += 1;
        let data = self.data(asked["rpId"].as_str().unwrap(), 0, &[]);
        let page = self.page("webauthn.get", &asked);
        let signed = [data.as_slice(), &sha256(&page)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.wrap(&json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&page),
            "authenticatorData": BASE64URL_NOPAD.encode(&data),
            "signature": BASE64URL_NOPAD.encode(signature.as_ref()),
            "userHandle": self.owner,
        }))
    }

    fn data(&self, host: &str, flags: u8, more: &[u8]) -> Vec<u8> {
        let host = if self.host.is_empty() { host } else { &self.host };
        let verified = if self.verifies { VERIFIED } else { 0 };
        let flags = [PRESENT | verified | flags];
        [sha256(host.as_bytes()).as_slice(), &flags, &self.counter.to_be_bytes(), more].concat()
    }

    fn page(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let (challenge, origin) = (&asked["challenge"], &self.origin);
        let text = json!({
            "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false,
        });
        serde_json::to_vec(&text).unwrap()
    }

    fn wrap(&self, response: &Value) -> String {
        let id = BASE64URL_NOPAD.encode(&self.id);
        let whole = json!({
            "id": id, "rawId": id, "type": "public-key", "response": response,
            "authenticatorAttachment": "cross-platform", "clientExtensionResults": {},
        });
        whole.to_string()
    }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
