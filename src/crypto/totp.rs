//! One-time codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six
//! digits and 30-second steps, the parameters that every app understands.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use crate::crypto::{Random, Secret, qr};

/// Seconds a code is shown for.
pub const STEP_SECONDS: u64 = 30;

/// The secret an authenticator app shares with us.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Secret);

impl TotpSecret {
    /// 160 bits, the length RFC 4226 recommends.
    pub fn generate(random: &Random) -> Self {
        Self(Secret::generate::<20>(random))
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    /// None when the text is not base32 or is shorter than 128 bits. Spaces
    /// and lower case are forgiven.
    pub fn from_base32(text: &str) -> Option<Self> {
        let packed: Zeroizing<String> =
            Zeroizing::new(text.split_whitespace().collect::<String>().to_uppercase());
        let bytes = BASE32_NOPAD.decode(packed.as_bytes()).ok()?;
        (bytes.len() >= 16).then(|| Self::from_bytes(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(self.bytes()))
    }

    /// The code shown at a time, in seconds since 1970.
    pub fn code_at(&self, unix_seconds: i64) -> String {
        self.totp().generate(unsigned(unix_seconds)).to_string()
    }

    /// The step whose code this is, one step early or late included; None when
    /// the code is wrong.
    ///
    /// A code is good once: the caller keeps the last accepted step and
    /// refuses one that is not greater (RFC 6238, 5.2).
    pub fn check(&self, code: &str, unix_seconds: i64) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let step = self.totp().check(&digits, unsigned(unix_seconds))?;
        i64::try_from(step).ok()
    }

    /// The address that an authenticator app takes, `otpauth://totp/…`.
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account) = (escape(issuer), escape(account));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
            *self.to_base32()
        ))
    }

    /// The same address as a picture to scan. None when the names are too long.
    pub fn qr_svg(&self, issuer: &str, account: &str) -> Option<String> {
        qr::svg(&self.uri(issuer, account))
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(STEP_SECONDS)
            .with_secret(self.bytes())
            .build_noncompliant()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret([redacted])")
    }
}

fn unsigned(unix_seconds: i64) -> u64 {
    u64::try_from(unix_seconds).unwrap_or(0)
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn rfc() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890".to_vec())
    }

    #[test]
    fn codes_are_the_last_six_digits_of_the_rfc_vectors() {
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().code_at(time), code);
        }
    }

    #[test]
    fn a_code_names_its_step_within_one_step_either_way() {
        let code = rfc().code_at(59);

        assert_eq!(rfc().check(&code, 59), Some(1));
        assert_eq!(rfc().check(" 287 082 ", 29), Some(1));
        assert_eq!(rfc().check(&code, 89), Some(1));
        assert_eq!(rfc().check(&code, 90), None);
        assert_eq!(rfc().check("28708", 59), None);
        assert_eq!(rfc().check("+28708", 59), None);
    }

    #[test]
    fn the_address_for_the_app_escapes_names() {
        let uri = rfc().uri("Ақ тіс", "aigul@front desk");

        assert!(
            uri.starts_with(
                "otpauth://totp/%D0%90%D2%9B%20%D1%82%D1%96%D1%81:aigul%40front%20desk?"
            )
        );
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"));
        assert!(rfc().qr_svg("Ақ тіс", "aigul").is_some());
    }

    #[test]
    fn base32_is_read_as_people_type_it() {
        let text = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq";

        assert_eq!(TotpSecret::from_base32(text), Some(rfc()));
        assert_eq!(TotpSecret::from_base32("GEZDGNBV"), None);
        assert_eq!(TotpSecret::from_base32("1!"), None);
        assert_eq!(format!("{:?}", rfc()), "TotpSecret([redacted])");
    }
}
