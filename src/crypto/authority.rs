//! Authorities that people name: certificates as PEM (RFC 7468), pasted into a form.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The longest text, in bytes.
const LONGEST: usize = 32 * 1024;

/// The text as it is stored; None when nothing was typed.
pub fn tidied(typed: &str) -> Option<String> {
    Some(typed.trim().replace("\r\n", "\n")).filter(|text| !text.is_empty())
}

/// Exactly those that the text names. None when it is no certificates, or has a
/// private key in it: the text is shown again.
pub fn roots(pem: &str) -> Option<RootCertStore> {
    if LONGEST < pem.len() || pem.contains("PRIVATE KEY") {
        return None;
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    #[test]
    fn only_whole_certificates_are_authorities_and_a_private_key_is_never_kept() {
        let key = KeyPair::generate().unwrap();
        let one = CertificateParams::new(vec!["smpp.example.kz".to_owned()]).unwrap();
        let one = one.self_signed(&key).unwrap().pem();
        assert_eq!(roots(&one).unwrap().len(), 1);
        assert_eq!(roots(&format!("The operator's:\n{one}\n{one}")).unwrap().len(), 2);

        let half = &one[..one.len() / 2];
        let not_one = one.replace("MII", "AAA");
        let with_key = format!("{one}{}", key.serialize_pem());
        let too_long = format!("{}{one}", " ".repeat(LONGEST));
        for wrong in ["", "smpp.example.kz", half, &not_one, &with_key, &too_long] {
            assert!(roots(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_was_typed_is_kept_without_the_ends_of_lines_of_windows() {
        assert_eq!(tidied(" \r\n "), None);
        assert_eq!(tidied("a\r\nb\r\n").as_deref(), Some("a\nb"));
    }
}
