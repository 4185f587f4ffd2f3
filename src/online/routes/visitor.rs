//! Who visits: the language they chose, where they came from, and what every
//! page of booking shows around its question.

use axum::extract::{FromRequestParts, Query};
use axum::http::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::i18n::Language;
use crate::online::island;
use crate::online::model::{Campaign, code};
use crate::online::offer::Offer;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{BookOnline, ViewClinic};
use crate::web::{Guest, Page, Problem, framed_by};

/// Seconds that a chosen language is remembered.
const A_YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;

/// What a link carries from page to page, for browsers that keep no cookies
/// inside somebody else's page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    lang: String,
    src: String,
    utm_source: String,
    utm_medium: String,
    utm_campaign: String,
    embed: String,
}

/// Somebody from outside.
pub struct Visitor {
    pub clinic: Clinic,
    pub grant: Grant<BookOnline>,
    pub view: Grant<ViewClinic>,
    pub chrome: Chrome,
    pub campaign: Campaign,
    /// The language in the address, if any.
    spoken: Option<Language>,
    pub embedded: bool,
}

/// What stands around the question of a page.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    pub address: String,
    /// E.164; empty when the clinic has given none.
    pub phone: String,
    /// `?lang=kk&src=2gis`, or nothing: to be put behind the address of a page.
    pub carry: String,
    /// The same without the language, beginning with `&` or empty.
    pub rest: String,
    pub embedded: bool,
    /// Whoever finds nothing may leave their number.
    pub asks: bool,
    /// Empty for a page that is nobody's to index.
    pub canonical: String,
    pub alternates: Vec<Alternate>,
}

/// The same page in another language.
#[derive(Clone, Debug, Serialize)]
pub struct Alternate {
    pub tag: String,
    pub href: String,
}

/// There is no online booking, or not of this.
#[derive(Debug, Serialize)]
pub struct OffPage {
    pub frame: Frame,
}

impl FromRequestParts<Clinic> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Problem> {
        let guest = Guest::from_request_parts(parts, clinic).await?;
        let mut chrome = Chrome::from_request_parts(parts, clinic).await?;
        let asked = Query::<Asked>::from_request_parts(parts, clinic).await;
        let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
        let spoken: Option<Language> = asked.lang.parse().ok();
        if let Some(language) = spoken {
            chrome.language = language;
        }
        let campaign = Campaign {
            source: code(&asked.src),
            utm_source: code(&asked.utm_source),
            utm_medium: code(&asked.utm_medium),
            utm_campaign: code(&asked.utm_campaign),
        };
        Ok(Self {
            clinic: clinic.clone(),
            grant: guest.grant()?,
            view: guest.grant()?,
            chrome,
            campaign,
            spoken,
            embedded: asked.embed == "1",
        })
    }
}

impl Visitor {
    pub async fn offer(&self) -> Result<Offer, Problem> {
        Ok(Offer::read(&self.clinic, &self.view, self.chrome.language).await?)
    }

    /// The language of the booking, where the address names none.
    pub fn speak(&mut self, language: Language) {
        if self.spoken.is_none() {
            self.chrome.language = language;
        }
    }

    /// The clinic's wall clock.
    pub fn now(&self) -> Civil {
        super::super::now(&self.clinic, self.clinic.clock().now())
    }

    /// `indexed` is the page as search engines are to know it; None: not at all.
    pub fn frame(&self, offer: &Offer, indexed: Option<&str>) -> Frame {
        let facts = offer.facts.as_ref();
        let address = facts.map_or("", |facts| facts.address(self.chrome.language)).to_owned();
        let phone = facts.and_then(|facts| facts.phone.as_ref());
        let url = &self.clinic.places.public_url;
        let alternates = indexed.map(|page| island::alternates(url, page)).unwrap_or_default();
        let alternates: Vec<Alternate> =
            alternates.into_iter().map(|(tag, href)| Alternate { tag, href }).collect();
        let tag = self.spoken.map_or("x-default", Language::tag);
        let canonical = alternates.iter().find(|one| one.tag == tag);
        Frame {
            address,
            phone: phone.map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
            carry: self.carry(),
            rest: self.rest(),
            embedded: self.embedded,
            asks: offer.settings.asks,
            canonical: canonical.map(|one| one.href.clone()).unwrap_or_default(),
            alternates,
        }
    }

    /// For the address of another page of the same visit.
    pub fn carry(&self) -> String {
        let language = self.spoken.map(|language| format!("&lang={}", language.tag()));
        let all = format!("{}{}", language.unwrap_or_default(), self.rest());
        all.strip_prefix('&').map(|all| format!("?{all}")).unwrap_or_default()
    }

    /// Codes only: nothing to be escaped.
    fn rest(&self) -> String {
        let Campaign { source, utm_source, utm_medium, utm_campaign } = &self.campaign;
        let embed = if self.embedded { "1" } else { "" };
        let all = [
            ("src", source.as_str()),
            ("utm_source", utm_source),
            ("utm_medium", utm_medium),
            ("utm_campaign", utm_campaign),
            ("embed", embed),
        ];
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        given.fold(String::new(), |all, (name, value)| all + "&" + name + "=" + value)
    }

    /// Draws a page. The clinic's own sites may show it inside theirs.
    pub fn page<V: View>(&self, offer: &Offer, view: &V) -> Result<Response, Problem> {
        Ok(self.drawn(offer, Page::of(&self.clinic, &self.chrome, view)?))
    }

    /// The same with what was typed, and why it is not taken.
    pub fn refused<V: View>(
        &self,
        offer: &Offer,
        view: &V,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let page = Page::of(&self.clinic, &self.chrome, view)?;
        Ok(self.drawn(offer, page.status(status)))
    }

    pub fn drawn(&self, offer: &Offer, page: Page) -> Response {
        let mut response = page.into_response();
        let headers = response.headers_mut();
        if !offer.settings.sites.is_empty() {
            headers.insert(CONTENT_SECURITY_POLICY, framed_by(&offer.settings.sites));
        }
        if let Some(language) = self.spoken {
            let tag = language.tag();
            let cookie =
                format!("lang={tag}; Secure; SameSite=Lax; Path=/; Max-Age={A_YEAR_SECONDS}");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                headers.insert(SET_COOKIE, cookie);
            }
        }
        response
    }

    /// The page of a clinic that takes no bookings here, or not this one.
    pub fn off(&self, offer: &Offer) -> Result<Response, Problem> {
        let view = OffPage { frame: self.frame(offer, None) };
        self.refused(offer, &view, StatusCode::NOT_FOUND)
    }
}

impl Frame {
    /// For samples.
    pub fn sample() -> Self {
        let href = "https://arai.example/book?lang=ru".to_owned();
        Self {
            address: "Алматы, Абая, 52".to_owned(),
            phone: "+77273000000".to_owned(),
            carry: "?lang=ru&src=2gis".to_owned(),
            rest: "&src=2gis".to_owned(),
            embedded: true,
            asks: true,
            canonical: href.clone(),
            alternates: vec![Alternate { tag: "ru".to_owned(), href }],
        }
    }
}

impl View for OffPage {
    const TEMPLATE: &'static str = "online/off.html";

    fn samples() -> Vec<Self> {
        let frame = Frame::sample();
        let bare = Frame { phone: String::new(), ..frame.clone() };
        vec![Self { frame }, Self { frame: bare }]
    }
}
