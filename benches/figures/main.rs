//! Our figures beside their limits, measured in the same run: what the machine
//! and the libraries give without us (a bare query, a bare commit, a bare page).
//! Run by `scripts/bench [SECTION…]`; what must be reached stands in README.
//!
//! Each figure is the median of five tries in which ours and the bare one take
//! turns, so that whoever else uses the machine disturbs both alike.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on should say where")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people"
)]

mod backup;
mod access;
mod booking;
mod breach;
mod desk;
mod growth;
mod inbox;
mod ledger;
mod log;
mod measure;
mod messages;
mod pages;
mod people;
mod probe;
mod search;
mod slots;
#[path = "../../tests/suite/support.rs"]
#[allow(dead_code, reason = "the suite uses the rest")]
mod support;

/// The sections in the order of printing.
const SECTIONS: [(&str, fn()); 10] = [
    ("search", || measure::run(search::all())),
    ("booking", booking::with_every_disk),
    ("slots", || measure::run(slots::all())),
    ("ledger", || measure::run(ledger::all())),
    ("sign-in", || measure::run(access::all())),
    ("breach", || measure::run(breach::all())),
    ("messages", || measure::run(messages::all())),
    ("inbox", || measure::run(inbox::all())),
    ("pages", || measure::run(pages::all())),
    ("backup", || measure::run(backup::all())),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [role, disk] = arguments.as_slice()
        && role == booking::ON_A_DISK
    {
        return measure::run(booking::on(disk));
    }
    measure::head();
    if arguments.iter().any(|wanted| wanted == "growth") {
        measure::run(growth::all());
    }
    if arguments.iter().any(|wanted| wanted == "desk") {
        measure::run(desk::all());
    }
    if arguments.iter().any(|wanted| wanted == "log") {
        measure::run(log::all());
    }
    for (name, section) in SECTIONS {
        if arguments.is_empty() || arguments.iter().any(|wanted| wanted == name) {
            section();
        }
    }
}
