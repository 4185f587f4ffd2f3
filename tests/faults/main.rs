//! What is left after a killed process, a power cut, and a disk that forgets
//! bits. Run by `scripts/faults [NAME…]`.
//!
//! A writer of our own (this program again) changes a real encrypted database
//! from many tasks and says on its standard output what was acknowledged; it is
//! killed, the files are put as the fault leaves them, and a checker opens them
//! as the product does. The control runs the same cuts with a weaker setting
//! and must lose rows: else the test would be blind.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod check;
mod crash;
mod disk;
mod flips;
mod listener;
mod outbox;
mod reminders;
mod sender;
#[path = "../suite/support.rs"]
#[allow(dead_code, reason = "the suite uses the rest")]
mod support;
mod webhooks;
mod writer;

use std::process::ExitCode;

/// What was seen, or what is wrong.
type Outcome = Result<String, String>;

struct Test {
    name: &'static str,
    run: fn() -> Outcome,
}

const TESTS: [Test; 9] = [
    Test { name: "a_killed_process_loses_nothing_acknowledged", run: crash::killed },
    Test { name: "a_power_cut_loses_nothing_acknowledged", run: crash::cut },
    Test { name: "control_the_same_cuts_without_full_sync_lose_rows", run: crash::control },
    Test { name: "a_killed_sender_loses_no_message_and_doubles_none", run: outbox::asked },
    Test {
        name: "what_a_killed_sender_cannot_ask_about_is_left_uncertain",
        run: outbox::not_asked,
    },
    Test {
        name: "a_killed_writer_of_reminders_writes_each_once_and_leaves_no_gap",
        run: reminders::killed,
    },
    Test { name: "what_a_killed_door_has_taken_is_worked_through_once", run: webhooks::killed },
    Test { name: "every_flipped_bit_of_the_database_is_noticed", run: flips::database_file_flips },
    Test { name: "a_damaged_log_is_told_by_the_head_outside", run: flips::log },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, folder, strength] = arguments.as_slice()
        && role == writer::ROLE
    {
        writer::run(folder.as_ref(), strength);
    }
    if let [role, folder, at] = arguments.as_slice() {
        match role.as_str() {
            sender::ROLE => sender::run(folder.as_ref(), at),
            reminders::ROLE => reminders::run(folder.as_ref(), at),
            listener::ROLE => listener::run(folder.as_ref(), at),
            _ => {}
        }
    }
    if arguments.is_empty() {
        println!("scripts/faults runs these; `cargo test` does not");
    }
    let wanted = |name: &str| arguments.iter().any(|arg| arg == "all" || name.contains(arg));
    let (mut passed, mut failed) = (0, 0);
    for Test { name, run } in TESTS.iter().filter(|test| wanted(test.name)) {
        match run() {
            Ok(seen) => {
                println!("PASS {name}: {seen}");
                passed += 1;
            }
            Err(wrong) => {
                println!("FAIL {name}: {wrong}");
                failed += 1;
            }
        }
    }
    println!("faults: {passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
