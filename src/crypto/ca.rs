//! The appliance's own certificate authority (X.509, RFC 5280): one name and
//! the clinic's local network are all it can vouch for, so that trusting it on
//! a tablet gives nobody power over banks, and a stolen key neither.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::crypto::keyring::CaEntry;
use crate::crypto::{Random, Secret, hash};

const DAY: i64 = 86_400;
/// Ten years.
const CA_DAYS: i64 = 3_652;
/// What browsers accept of a certificate, less one day.
const LEAF_DAYS: i64 = 397;
/// A leaf with less than this left is renewed.
const RENEW_DAYS: i64 = 30;
/// Clocks of tablets go wrong: certificates begin in the past.
const BACKDATED: i64 = DAY;

/// Where an address of a local network can be (RFC 1918, RFC 4193, RFC 4291,
/// RFC 3927) and this machine itself.
const LOCAL_V4: [(Ipv4Addr, u8); 5] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
];
const LOCAL_V6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::LOCALHOST, 128),
];

/// Why a certificate was not made or read.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    #[error("`{0}` is not a host name or an address of a local network")]
    BadName(String),
    #[error("the stored certificate authority cannot be read")]
    Unreadable,
    #[error("the certificate could not be made: {0}")]
    Rcgen(#[from] rcgen::Error),
}

/// The certificate authority, able to sign.
pub struct LocalCa {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

/// A certificate of the web server with its key.
#[derive(Debug)]
pub struct Leaf {
    /// The leaf first, then the authority.
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
    /// Seconds since 1970.
    pub expires: i64,
}

impl LocalCa {
    /// Makes an authority that can vouch for one host name (and names under
    /// it), `localhost` and local addresses, to be kept in the keyring.
    pub fn generate(
        clinic: &str,
        host: &str,
        random: &Random,
        unix_seconds: i64,
    ) -> Result<CaEntry, CaError> {
        let host = host_name(host)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&format!("{clinic} — Tirkeu CA"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints = Some(constraints(&host));
        params.serial_number = Some(serial(random));
        valid(&mut params, unix_seconds, CA_DAYS);
        let certificate = params.self_signed(&key)?;
        let pkcs8 = Secret::new(key.serialize_der());
        Ok(CaEntry { pkcs8, certificate: certificate.pem() })
    }

    /// The authority that the keyring holds.
    pub fn open(entry: &CaEntry) -> Result<Self, CaError> {
        let pkcs8 = PrivatePkcs8KeyDer::from(entry.pkcs8.bytes());
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_ECDSA_P256_SHA256)?;
        let certificate = CertificateDer::from_pem_slice(entry.certificate.as_bytes())
            .map_err(|_| CaError::Unreadable)?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self { issuer, certificate })
    }

    /// Signs a certificate for 397 days. `names` are host names and addresses
    /// that people type; `localhost`, 127.0.0.1 and `::1` are added.
    ///
    /// # Errors
    /// [`CaError::BadName`] for a public address or what is no name at all.
    /// A host name outside the constraints is signed, and browsers refuse it.
    pub fn issue(
        &self,
        names: &[&str],
        random: &Random,
        unix_seconds: i64,
    ) -> Result<Leaf, CaError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(names.first().copied().unwrap_or("localhost"));
        for name in names.iter().copied().chain(["localhost", "127.0.0.1", "::1"]) {
            let name = alternative_name(name)?;
            if !params.subject_alt_names.contains(&name) {
                params.subject_alt_names.push(name);
            }
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial(random));
        let expires = valid(&mut params, unix_seconds, LEAF_DAYS - 1);
        let leaf = params.signed_by(&key, &self.issuer)?;
        let chain = vec![leaf.der().clone(), self.certificate.clone()];
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        Ok(Leaf { chain, key, expires })
    }

    /// The certificate that tablets and computers are told to trust.
    pub fn pem(&self) -> String {
        let base64 = BASE64_STANDARD.encode(&self.certificate);
        let lines: Vec<&str> = base64
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
            .collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    pub fn der(&self) -> &[u8] {
        &self.certificate
    }

    /// SHA-256 of the certificate as people compare it: `AB:CD:…`.
    pub fn fingerprint(&self) -> String {
        let hex = data_encoding::HEXUPPER.encode(&hash::sha256(&self.certificate));
        let pairs = hex.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned());
        pairs.collect::<Vec<_>>().join(":")
    }

    /// A configuration profile that makes an iPad trust the authority (after
    /// "full trust" is switched on in its settings). The same certificate
    /// gives the same profile.
    pub fn mobileconfig(&self, clinic: &str) -> String {
        let digest = hash::sha256(&self.certificate);
        let id = format!("kz.tirkeu.ca.{}", hash::hex(&digest[..8]));
        let name = xml(&format!("{clinic} — Tirkeu"));
        let (profile, payload) = (uuid_of(&digest[..16]), uuid_of(&digest[16..]));
        let data = BASE64_STANDARD.encode(&self.certificate);
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadCertificateFileName</key><string>tirkeu-ca.cer</string>
<key>PayloadContent</key><data>{data}</data>
<key>PayloadDisplayName</key><string>{name}</string>
<key>PayloadIdentifier</key><string>{id}.root</string>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadUUID</key><string>{payload}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></array>
<key>PayloadDisplayName</key><string>{name}</string>
<key>PayloadIdentifier</key><string>{id}</string>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>{profile}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></plist>
"#
        )
    }
}

impl fmt::Debug for LocalCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalCa({})", self.fingerprint())
    }
}

impl Leaf {
    /// A certificate and key that the clinic brings itself, PEM. None when
    /// either cannot be read or they are not of one pair.
    pub fn from_pem(chain: &str, key: &str) -> Option<Self> {
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>().ok()?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).ok()?;
        let (_, parsed) = X509Certificate::from_der(chain.first()?).ok()?;
        let expires = parsed.validity().not_after.timestamp();
        let leaf = Self { chain, key, expires };
        leaf.fits().then_some(leaf)
    }

    /// Whether it is time for a new one.
    pub fn is_due(&self, unix_seconds: i64) -> bool {
        self.expires - unix_seconds < RENEW_DAYS * DAY
    }

    fn fits(&self) -> bool {
        let provider = rustls::crypto::ring::default_provider();
        let Ok(key) = provider.key_provider.load_private_key(self.key.clone_key()) else {
            return false;
        };
        rustls::sign::CertifiedKey::new(self.chain.clone(), key).keys_match().is_ok()
    }
}

fn constraints(host: &str) -> NameConstraints {
    let names = [host, "localhost"].map(|name| GeneralSubtree::DnsName(name.to_owned()));
    let v4 = LOCAL_V4.map(|(net, bits)| CidrSubnet::from_v4_prefix(net.octets(), bits));
    let v6 = LOCAL_V6.map(|(net, bits)| CidrSubnet::from_v6_prefix(net.octets(), bits));
    let nets = v4.into_iter().chain(v6).map(GeneralSubtree::IpAddress);
    NameConstraints {
        permitted_subtrees: names.into_iter().chain(nets).collect(),
        excluded_subtrees: Vec::new(),
    }
}

fn alternative_name(name: &str) -> Result<SanType, CaError> {
    match name.parse::<IpAddr>() {
        Ok(address) if is_local(address) => Ok(SanType::IpAddress(address)),
        Ok(_) => Err(CaError::BadName(name.to_owned())),
        Err(_) => Ok(SanType::DnsName(host_name(name)?.try_into()?)),
    }
}

/// Lower case. Letters, digits and hyphens between dots (RFC 1123).
fn host_name(name: &str) -> Result<String, CaError> {
    let lower = name.to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_name = lower.len() <= 253 && lower.split('.').all(label);
    // The subject takes 64 letters and an address is not a name.
    let fits = lower.len() <= 64 && lower.parse::<IpAddr>().is_err();
    if is_name && fits { Ok(lower) } else { Err(CaError::BadName(name.to_owned())) }
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => LOCAL_V4.iter().any(|(net, bits)| {
            let shift = 32 - u32::from(*bits);
            address.to_bits() >> shift == net.to_bits() >> shift
        }),
        IpAddr::V6(address) => LOCAL_V6.iter().any(|(net, bits)| {
            let shift = 128 - u32::from(*bits);
            address.to_bits() >> shift == net.to_bits() >> shift
        }),
    }
}

fn named(common_name: &str) -> DistinguishedName {
    // X.520 gives a common name 64 characters.
    let short: String = common_name.chars().take(64).collect();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, short);
    name
}

/// Sets the period and returns its end, seconds since 1970.
fn valid(params: &mut CertificateParams, unix_seconds: i64, days: i64) -> i64 {
    let at = |seconds: i64| {
        let seconds = u64::try_from(seconds).unwrap_or(0);
        date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    let expires = unix_seconds + days * DAY;
    params.not_before = at(unix_seconds - BACKDATED);
    params.not_after = at(expires);
    expires
}

/// Sixteen random bytes, positive (RFC 5280, 4.1.2.2).
fn serial(random: &Random) -> SerialNumber {
    let mut bytes: [u8; 16] = random.bytes();
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A version 8 UUID of given bytes (RFC 9562).
fn uuid_of(bytes: &[u8]) -> uuid::Uuid {
    let mut sixteen = [0; 16];
    sixteen.copy_from_slice(&bytes[..16]);
    uuid::Builder::from_custom_bytes(sixteen).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Output};

    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn ca() -> LocalCa {
        let entry = LocalCa::generate("Ақ тіс & Co", "tirkeu.clinic.lan", &Random::system(), NOW);
        LocalCa::open(&entry.unwrap()).unwrap()
    }

    fn pem(der: &[u8]) -> String {
        let base64 = BASE64_STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    }

    /// `openssl verify` as of [`NOW`], or of another moment.
    fn verify(ca: &LocalCa, leaf: &Leaf, arguments: &[&str], at: i64) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let [root, cert] = ["ca.pem", "leaf.pem"].map(|name| folder.path().join(name));
        std::fs::write(&root, ca.pem()).unwrap();
        std::fs::write(&cert, pem(&leaf.chain[0])).unwrap();
        let mut command = Command::new("openssl");
        command.args(["verify", "-x509_strict", "-purpose", "sslserver"]);
        command.args(["-attime", &at.to_string()]).args(arguments).arg("-CAfile").arg(&root);
        command.arg(&cert).output().expect("openssl is installed by scripts/test")
    }

    #[test]
    fn openssl_trusts_a_leaf_by_name_and_by_address() {
        let ca = ca();
        let leaf = ca.issue(&["tirkeu.clinic.lan", "192.168.1.5"], &Random::system(), NOW).unwrap();

        for check in [
            ["-verify_hostname", "tirkeu.clinic.lan"],
            ["-verify_hostname", "localhost"],
            ["-verify_ip", "192.168.1.5"],
            ["-verify_ip", "127.0.0.1"],
            ["-verify_ip", "::1"],
        ] {
            let output = verify(&ca, &leaf, &check, NOW);
            assert!(output.status.success(), "{check:?}: {output:?}");
        }
        assert!(!verify(&ca, &leaf, &["-verify_hostname", "kaspi.kz"], NOW).status.success());
    }

    #[test]
    fn openssl_refuses_what_the_authority_signs_outside_its_names() {
        let ca = ca();
        let leaf = ca.issue(&["kaspi.kz"], &Random::system(), NOW).unwrap();

        let output = verify(&ca, &leaf, &[], NOW);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("permitted subtree violation"), "{said}");
    }

    #[test]
    fn a_leaf_lasts_397_days_and_is_due_thirty_days_before() {
        let ca = ca();
        let leaf = ca.issue(&["tirkeu.clinic.lan"], &Random::system(), NOW).unwrap();
        let last = NOW + 396 * DAY;

        assert_eq!(leaf.expires, last);
        assert!(verify(&ca, &leaf, &[], last - 1).status.success());
        assert!(!verify(&ca, &leaf, &[], last + 1).status.success());
        assert!(!leaf.is_due(last - 31 * DAY) && leaf.is_due(last - 29 * DAY));
    }

    #[test]
    fn names_that_are_none_and_public_addresses_are_refused() {
        let ca = ca();
        for name in ["8.8.8.8", "2001:db8::1", "two words", "-a.kz", "", "a..b", "*.kz"] {
            let refused = ca.issue(&[name], &Random::system(), NOW);
            assert!(matches!(refused, Err(CaError::BadName(_))), "{name} was signed");
        }
        let random = Random::system();
        assert!(LocalCa::generate("x", "192.168.1.5", &random, NOW).is_err());
    }

    #[test]
    fn openssl_prints_the_same_fingerprint() {
        let ca = ca();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, ca.pem()).unwrap();
        let output = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(&path)
            .output()
            .expect("openssl is installed by scripts/test");

        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.trim().split_once('=').unwrap().1, ca.fingerprint());
    }

    #[test]
    fn a_profile_for_the_ipad_is_escaped_and_stays_the_same() {
        let ca = ca();
        let profile = ca.mobileconfig("Ақ тіс & Co");

        assert!(profile.contains("<string>Ақ тіс &amp; Co — Tirkeu</string>"));
        assert!(profile.contains(&BASE64_STANDARD.encode(ca.der())));
        assert_eq!(profile, ca.mobileconfig("Ақ тіс & Co"));
    }

    #[test]
    fn the_clinics_own_certificate_must_fit_its_key() {
        let ca = ca();
        let leaf = ca.issue(&["localhost"], &Random::system(), NOW).unwrap();
        let other = ca.issue(&["localhost"], &Random::system(), NOW).unwrap();
        let key = |leaf: &Leaf| {
            let base64 = BASE64_STANDARD.encode(leaf.key.secret_der());
            format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")
        };

        let read = Leaf::from_pem(&pem(&leaf.chain[0]), &key(&leaf)).unwrap();
        assert_eq!(read.expires, leaf.expires);
        assert!(Leaf::from_pem(&pem(&leaf.chain[0]), &key(&other)).is_none());
        assert!(Leaf::from_pem("nothing", &key(&leaf)).is_none());
    }
}
