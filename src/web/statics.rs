//! Styles, scripts, icons and fonts, from inside the program.

use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::pages::Assets;

/// Names hold a hash of the contents, so a file never changes.
pub(super) const FOR_GOOD: &str = "public, max-age=31536000, immutable";

pub(super) async fn file(Path(name): Path<String>) -> Response {
    let Some(file) = Assets::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mime = file.metadata.mimetype().to_owned();
    let headers = [(CONTENT_TYPE, mime), (CACHE_CONTROL, FOR_GOOD.to_owned())];
    (headers, Body::from(file.data.into_owned())).into_response()
}
