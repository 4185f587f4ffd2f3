//! What a browser carries between the steps of signing in: signed, short-lived,
//! and worth nothing by itself.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::StaffId;

/// How long the steps may take, in milliseconds.
const LIFETIME_MS: i64 = 10 * 60 * 1000;

/// What has been proven, and what is still to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    pub staff: StaffId,
    pub next: Step,
    expires: i64,
}

/// The step that comes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The code of the second factor that is set up.
    Code,
    /// A password of one's own in place of the one-time one.
    NewPassword,
    /// Set the second factor up with this secret, base32.
    Enrol(String),
}

impl Challenge {
    pub fn new(staff: StaffId, next: Step, now: Timestamp) -> Self {
        Self { staff, next, expires: now.unix_ms() + LIFETIME_MS }
    }

    /// Text for a hidden field.
    pub fn seal(&self, clinic: &Clinic) -> String {
        let body = serde_json::to_vec(self).expect("ids and words");
        let tag = clinic.keys.get().session_pepper().sign(&[b"sign-in", &body]);
        format!("{}.{}", BASE64URL_NOPAD.encode(&body), BASE64URL_NOPAD.encode(&tag))
    }

    /// None when it is not ours, or too old.
    pub fn open(clinic: &Clinic, text: &str) -> Option<Self> {
        let (body, tag) = text.split_once('.')?;
        let body = BASE64URL_NOPAD.decode(body.as_bytes()).ok()?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        if !clinic.keys.get().session_pepper().verify(&[b"sign-in", &body], &tag) {
            return None;
        }
        let challenge: Self = serde_json::from_slice(&body).ok()?;
        (clinic.clock().now().unix_ms() < challenge.expires).then_some(challenge)
    }
}
