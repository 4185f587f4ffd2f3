//! What search engines read: the clinic as data (schema.org, JSON-LD), a map of
//! the pages with their languages, and what not to look at.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::i18n::Language;
use crate::online::offer::{Offer, OfferedDoctor, OfferedService};

/// The clinic, its services with prices and its doctors, for a script element
/// of the type `application/ld+json`. Nothing in it can end that element.
pub fn clinic(offer: &Offer, name: &str, public_url: &str, language: Language) -> String {
    let facts = offer.facts.as_ref();
    let url = format!("{public_url}/book");
    let address = facts.map_or("", |facts| facts.address(language));
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "MedicalClinic",
        "@id": format!("{url}#clinic"),
        "name": name,
        "url": url,
        "address": { "@type": "PostalAddress", "streetAddress": address, "addressCountry": "KZ" },
        "currenciesAccepted": "KZT",
        "availableLanguage": ["ru", "kk"],
        "potentialAction": { "@type": "ReserveAction", "target": url },
        "makesOffer": offer.services.iter().map(|one| service(one, &url)).collect::<Vec<_>>(),
        "employee": offer.doctors.iter().map(|one| doctor(one, &url)).collect::<Vec<_>>(),
    });
    if let Some(phone) = facts.and_then(|facts| facts.phone.as_ref()) {
        data["telephone"] = phone.as_str().into();
    }
    inert(&data)
}

fn service(service: &OfferedService, url: &str) -> Value {
    let mut offer = json!({
        "@type": "Offer",
        "url": format!("{url}/{}", service.id),
        "itemOffered": { "@type": "MedicalProcedure", "name": service.name },
    });
    if let Some(price) = service.price {
        let tenge = price.tiyn() / 100;
        let key = if service.price_from { "minPrice" } else { "price" };
        offer["priceSpecification"] =
            json!({ "@type": "PriceSpecification", key: tenge, "priceCurrency": "KZT" });
    }
    offer
}

fn doctor(doctor: &OfferedDoctor, url: &str) -> Value {
    json!({
        "@type": "Person",
        "name": doctor.name,
        "jobTitle": doctor.specialty,
        "url": format!("{url}?doctor={}", doctor.id),
    })
}

/// JSON in which no letter means anything to HTML.
fn inert(data: &Value) -> String {
    let text = data.to_string();
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// `sitemap.xml`: every page in every language.
pub fn sitemap(offer: &Offer, public_url: &str) -> String {
    let services = offer.services.iter().map(|one| format!("/book/{}", one.id));
    let doctors = offer.doctors.iter().map(|one| format!("/book?doctor={}", one.id));
    let pages = std::iter::once("/book".to_owned()).chain(services).chain(doctors);
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for page in pages {
        let _ = write!(xml, "<url><loc>{public_url}{page}</loc>");
        for (tag, href) in alternates(public_url, &page) {
            let href = href.replace('&', "&amp;");
            let _ =
                write!(xml, "<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{href}\"/>");
        }
        xml.push_str("</url>\n");
    }
    xml.push_str("</urlset>\n");
    xml
}

/// The same page in each language.
pub fn alternates(public_url: &str, page: &str) -> Vec<(String, String)> {
    let glue = if page.contains('?') { "&" } else { "?" };
    let in_language = |language: Language| {
        (language.tag().to_owned(), format!("{public_url}{page}{glue}lang={}", language.tag()))
    };
    let any = ("x-default".to_owned(), format!("{public_url}{page}"));
    Language::ALL.into_iter().map(in_language).chain([any]).collect()
}

/// `robots.txt`: what opens to one person alone is nobody's to index.
pub fn robots(public_url: &str) -> String {
    format!(
        "User-agent: *\nDisallow: /m/\nDisallow: /visit/\nDisallow: /r/\nAllow: /book\n\n\
         Sitemap: {public_url}/sitemap.xml\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_data_can_end_its_element() {
        let data = json!({ "name": "</script><script>alert(1)</script> & co" });
        let text = inert(&data);
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), data);
    }

    #[test]
    fn a_page_is_named_in_each_language_and_in_none() {
        let pages = alternates("https://arai.kz", "/book?doctor=1");
        assert_eq!(pages.len(), 4);
        assert_eq!(pages[0].1, "https://arai.kz/book?doctor=1&lang=ru");
        assert_eq!(pages[3], ("x-default".to_owned(), "https://arai.kz/book?doctor=1".to_owned()));
    }
}
