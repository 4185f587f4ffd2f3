//! Answers: a page, a redirect, a word in the corner.

use std::fmt::Write;

use axum::http::header::{HeaderName, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use crate::clinic::Clinic;
use crate::pages::{Chrome, View};
use crate::web::Problem;

/// A rendered page, with a status of its own for forms that were refused.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    html: String,
}

/// A short word in the corner of the page, said by htmx's `HX-Trigger` header.
#[derive(Debug)]
pub struct Toast {
    pub text: String,
    /// Where a POST takes the change back.
    pub undo: Option<String>,
}

impl Page {
    pub fn of<V: View>(clinic: &Clinic, chrome: &Chrome, view: &V) -> Result<Self, Problem> {
        Ok(Self { status: StatusCode::OK, html: clinic.pages.render(chrome, view)? })
    }

    /// The same page as the answer to a form that was refused (RFC 9110 15.5.21).
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
        self
    }

    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        (self.status, Html(self.html)).into_response()
    }
}

impl Toast {
    /// The header that shows it. Non-ASCII letters travel as JSON escapes.
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        let said = json!({ "toast": { "text": self.text, "undo": self.undo } }).to_string();
        let mut ascii = String::with_capacity(said.len());
        for unit in said.encode_utf16() {
            match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => ascii.push(char::from(byte)),
                _ => write!(ascii, "\\u{unit:04x}").expect("a String takes all text"),
            }
        }
        let value = HeaderValue::from_str(&ascii).expect("JSON in ASCII is a header value");
        (HeaderName::from_static("hx-trigger"), value)
    }
}

/// Whether htmx asks, which takes a fragment rather than a page.
pub fn wants_fragment(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
}

/// After a POST: go and look there (303).
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}
