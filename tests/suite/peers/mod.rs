//! The servers Tirkeu talks to, standing in for themselves where we can have
//! them (Kannel) and played strictly by their documents where we cannot (SMSC, Mobizon, WhatsApp, Telegram, Instagram).

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

/// Says aloud that a test did not run; `scripts/test` repeats it at its end.
pub fn skipped(what: &str) {
    eprintln!("SKIPPED {what}");
    if let Some(list) = std::env::var_os("TIRKEU_SKIPPED") {
        use std::io::Write;
        let mut file = std::fs::File::options().create(true).append(true).open(list).unwrap();
        writeln!(file, "{what}").unwrap();
    }
}
