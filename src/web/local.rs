//! Where a page may send a browser on: within this site (OWASP ASVS 3.7.2).

use std::fmt::Write;

/// More is no path of ours.
const LONGEST: usize = 2000;

/// A path of this site as somebody else gave it, with its query; None for what
/// a browser could take for another site. Browsers read `\` as `/` and drop
/// tabs and line ends (WHATWG URL 4.4).
pub fn local_path(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let local = text.starts_with('/') && !text.starts_with("//");
    (local && text.len() <= LONGEST && text.bytes().all(is_plain)).then_some(text)
}

/// A path as the value of a query's parameter.
pub(super) fn encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            write!(all, "%{byte:02X}").expect("a String takes all text");
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::Url;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for ours in ["/", "/schedule?day=2026-11-24&by=doctor", "/patients/1#s-consents", "/%0d%0a"]
        {
            assert_eq!(local_path(ours), Some(ours));
        }
        for theirs in [
            "",
            "patients",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "\t//evil.example",
            "/\n/evil.example",
            "/\r\nLocation: //evil.example",
            "https://evil.example",
            "https:/evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/ //evil.example",
            "/\u{2028}/evil",
            "///evil.example",
        ] {
            assert_eq!(local_path(theirs), None, "{theirs:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(LONGEST))), None);
    }

    proptest! {
        /// As a browser resolves it.
        #[test]
        fn what_is_followed_stays_on_this_site(
            text in "[/\\\\\t\n\r :@.a%0d?#]{0,12}evil\\.example(/.*)?|\\PC{0,20}|[/\\\\]{1,3}.{0,12}",
        ) {
            let here = Url::parse("https://clinic.example:8443/patients").unwrap();
            if let Some(path) = local_path(&text) {
                let there = here.join(path).unwrap();
                prop_assert_eq!(there.origin(), here.origin());
                prop_assert!(axum::http::HeaderValue::from_str(path).is_ok());
            }
        }

        #[test]
        fn a_path_comes_back_from_a_query_as_it_was(path in "/[ -~]{0,40}") {
            let url = Url::parse(&format!("https://a/sign-in?next={}", encoded(&path))).unwrap();
            let back = url.query_pairs().next().unwrap().1.into_owned();
            prop_assert_eq!(back, path);
        }
    }
}
