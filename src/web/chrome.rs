//! What surrounds every page: filled in from the request.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::header::{ACCEPT_LANGUAGE, HeaderName, REFERER};
use axum::http::request::Parts;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::pages::{Chrome, ChromeUser, FRAGMENT, NavItem, initials};
use crate::vault::permission::{FindPatients, PairTablet, Right};
use crate::vault::{Actor, Authenticated};
use crate::web::{Problem, authenticated, cookie, local_path};

/// An entry of the rail, seen by those who have the right to what is behind it.
#[derive(Clone, Copy, Debug)]
pub struct NavEntry {
    pub id: &'static str,
    pub href: &'static str,
    /// Name in the icon sprite.
    pub icon: &'static str,
    /// Fluent key of its word.
    pub label: &'static str,
    pub right: Right,
    /// Who has this one finds the page through another entry.
    pub unless: Option<Right>,
    pub foot: bool,
}

/// Every entry of the rail, put together in `app` and added to each request.
#[derive(Clone, Copy, Debug)]
pub struct Navigation(pub &'static [NavEntry]);

/// Said by htmx: the page that asks for a part of itself.
const HX_CURRENT_URL: HeaderName = HeaderName::from_static("hx-current-url");

impl FromRequestParts<Clinic> for Chrome {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Problem> {
        Ok(of_request(parts, clinic))
    }
}

/// The chrome of a request.
pub(super) fn of_request(parts: &mut Parts, clinic: &Clinic) -> Chrome {
    let signed_in = match authenticated(parts, clinic) {
        Authenticated::Live(actor) => Some(actor),
        Authenticated::Locked(_) | Authenticated::Nobody => None,
    };
    let language = language(parts, signed_in.as_ref());
    let theme = if cookie(&parts.headers, "theme") == Some("dark") { "dark" } else { "light" };
    let fragment = is_part(parts);
    let navigation = parts.extensions.get::<Navigation>().copied();
    let nav = match (&signed_in, navigation) {
        (Some(actor), Some(navigation)) => items(clinic, actor, navigation, language),
        _ => Vec::new(),
    };
    Chrome {
        language,
        theme,
        layout: if fragment { FRAGMENT } else { "layout/page.html" },
        clinic_name: clinic.profile.get().name.clone(),
        path: parts.uri.path().to_owned(),
        back: back(parts).into_owned(),
        user: signed_in.as_ref().and_then(user),
        nav,
        active: "",
        live: false,
    }
}

/// The page itself, or the one on which a form or a part of it stood.
fn back(parts: &Parts) -> Cow<'_, str> {
    let of = |name: &HeaderName| {
        let from: Uri = parts.headers.get(name)?.to_str().ok()?.parse().ok()?;
        local_path(from.path()).map(str::to_owned)
    };
    let own = parts.uri.path();
    if is_part(parts) {
        let page = of(&HX_CURRENT_URL).or_else(|| parts.method.is_safe().then(|| own.to_owned()));
        return page.or_else(|| of(&REFERER)).map_or("/".into(), Cow::from);
    }
    if parts.method.is_safe() { own.into() } else { of(&REFERER).map_or("/".into(), Cow::from) }
}

/// Whether htmx asks for a part of a page that is there.
fn is_part(parts: &Parts) -> bool {
    parts.headers.contains_key("hx-request") && !parts.headers.contains_key("hx-boosted")
}

/// The cookie decides, then the person, then the browser, then Russian.
fn language(parts: &Parts, actor: Option<&Actor>) -> Language {
    let chosen = cookie(&parts.headers, "lang").and_then(|tag| tag.parse().ok());
    let own = || actor.and_then(Actor::person).map(|person| person.language);
    let browser = || {
        let header = parts.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        Language::accepted(header)
    };
    chosen.or_else(own).or_else(browser).unwrap_or_default()
}

fn user(actor: &Actor) -> Option<ChromeUser> {
    let name = actor.person()?.name.clone();
    let initials = initials(&name);
    let (finds, pairs) = (actor.may::<FindPatients>(), actor.may::<PairTablet>());
    Some(ChromeUser { name, role: actor.role().name(), initials, finds, pairs })
}

fn items(
    clinic: &Clinic,
    actor: &Actor,
    navigation: Navigation,
    language: Language,
) -> Vec<NavItem> {
    let open = navigation.0.iter().filter(|entry| {
        actor.holds(entry.right) && !entry.unless.is_some_and(|other| actor.holds(other))
    });
    open.map(|entry| NavItem {
        id: entry.id,
        href: entry.href,
        icon: entry.icon,
        label: clinic.pages.words().plain(language, entry.label),
        count: clinic.waiting.at(entry.id),
        foot: entry.foot,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn whoever_leaves_the_answer_to_a_form_comes_back_to_the_page_it_stood_on() {
        let from = |request: Request<()>| back(&request.into_parts().0).into_owned();
        assert_eq!(from(Request::get("/schedule?day=2026-11-24").body(()).unwrap()), "/schedule");
        let answer = || Request::post("/w/abc/accept");
        let page = "https://clinic.example:8443/w/abc?lang=kk";
        assert_eq!(from(answer().header(REFERER, page).body(()).unwrap()), "/w/abc");
        assert_eq!(from(answer().body(()).unwrap()), "/");
        let part = || Request::get("/rail?at=inbox").header("hx-request", "true");
        assert_eq!(from(part().header(HX_CURRENT_URL, page).body(()).unwrap()), "/w/abc");
        assert_eq!(from(part().body(()).unwrap()), "/rail");
        let boosted = part().header("hx-boosted", "true").header(HX_CURRENT_URL, page);
        assert_eq!(from(boosted.body(()).unwrap()), "/rail", "a page of its own");
        for junk in ["", "https://", "https://evil.example//evil.example", "\u{2028}"] {
            assert_eq!(from(answer().header(REFERER, junk).body(()).unwrap()), "/", "{junk:?}");
        }
    }
}
