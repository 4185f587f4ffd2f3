//! Files for other machines: search engines, and sites that show the widget.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::online::island;
use crate::online::offer::Offer;
use crate::pages::Assets;
use crate::vault::Grant;
use crate::vault::permission::ViewClinic;
use crate::web::{Guest, Problem, Routes};

pub(super) fn routes() -> Routes {
    Routes::new().get("/robots.txt", robots).get("/sitemap.xml", sitemap).get("/widget.js", widget)
}

async fn robots(State(clinic): State<Clinic>) -> Response {
    let text = island::robots(&clinic.places.public_url);
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

async fn sitemap(State(clinic): State<Clinic>, guest: Guest) -> Result<Response, Problem> {
    let view: Grant<ViewClinic> = guest.grant()?;
    let offer = Offer::read(&clinic, &view, Language::Ru).await?;
    if !offer.settings.enabled {
        return Err(Problem::NotFound);
    }
    let text = island::sitemap(&offer, &clinic.places.public_url);
    Ok(([(CONTENT_TYPE, "application/xml; charset=utf-8")], text).into_response())
}

/// The loader that a clinic puts on its own site. Its name stays when it
/// changes, so browsers ask again each hour; other sites may load it.
async fn widget() -> Result<Response, Problem> {
    let manifest = Assets::get("manifest.json").ok_or(Problem::NotFound)?;
    let names: serde_json::Value = serde_json::from_slice(&manifest.data).unwrap_or_default();
    let name = names["js/widget.js"].as_str().ok_or(Problem::NotFound)?;
    let file = Assets::get(name).ok_or(Problem::NotFound)?;
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=3600"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
