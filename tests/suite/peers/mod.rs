//! The servers Tirkeu talks to, standing in for themselves where we can have
//! them (Kannel) and played strictly by their documents where we cannot (SMSC, Mobizon, WhatsApp, Telegram, Instagram).

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

mod gammu;
pub mod instagram;
mod kannel;
pub mod mobizon;
pub mod smsc;
mod smpp;
mod smpp_line;
pub mod smtp;
pub mod telegram;
pub mod whatsapp;

/// An answer that comes a letter at a time and never ends: whoever waits for each
/// letter and not for the whole waits for ever.
pub fn slowly() -> Response {
    let letters = stream::repeat(Bytes::from_static(b" ")).then(async |letter| {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, Infallible>(letter)
    });
    Body::from_stream(letters).into_response()
}

/// Says aloud that a test did not run; `scripts/test` repeats it at its end.
pub fn skipped(what: &str) {
    eprintln!("SKIPPED {what}");
    if let Some(list) = std::env::var_os("TIRKEU_SKIPPED") {
        use std::io::Write;
        let mut file = std::fs::File::options().create(true).append(true).open(list).unwrap();
        writeln!(file, "{what}").unwrap();
    }
}
