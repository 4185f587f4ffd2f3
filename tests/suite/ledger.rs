//! Somebody with the machine and its keys edits the ledger, and a checkpoint
//! that was kept elsewhere says so (SECURITY.md 4.5).

mod forger;
mod pages;
mod tools;
mod words;

use tirkeu::audit::checkpoints;
use tirkeu::vault::permission::{Role, SetUpClinic, VerifyLog};
use tirkeu::vault::{
    Cause, Event, Evidence, Fault, Kept, Pace, Subject, Verified, is_consistent, open_copy,
    verify_with,
};

use crate::support::TestClinic;
pub use forger::Forger;

/// A clinic with a ledger of three checkpoints, two of which left the machine.
pub struct Story {
    clinic: TestClinic,
    /// What somebody keeps at home: the first and the second.
    outside: String,
    sizes: [u64; 3],
}

impl Story {
    pub async fn tell() -> Self {
        let clinic = TestClinic::open().await;
        let mut sizes = [0; 3];
        let mut notes = Vec::new();
        for size in &mut sizes {
            happen(&clinic, 10).await;
            let sealed = seal(&clinic).await;
            *size = sealed.size;
            notes.push(sealed.note);
        }
        happen(&clinic, 5).await;
        Self { clinic, outside: notes[..2].join("\n"), sizes }
    }

    /// What whoever keeps those checkpoints finds in the database as it is now.
    async fn verify(&self) -> Verified {
        let keyring = self.clinic.clinic.keys.get();
        let (origin, keys) = (keyring.audit_origin(), keyring.audit_verifying_keys());
        let key = TestClinic::database_key();
        let mut sql = open_copy(&self.clinic.database(), Some(&key)).await.unwrap();
        let mut evidence = Evidence::default();
        let inside = tirkeu::vault::stored_notes(&mut sql).await.unwrap();
        evidence.add_notes(&inside, Kept::Inside, Some(&origin), Some(&keys));
        let brought = evidence.add_notes(&self.outside, Kept::Outside, Some(&origin), Some(&keys));
        assert_eq!(brought, 2);
        verify_with(&mut sql, &evidence, &Pace::default()).await.unwrap()
    }
}

pub async fn happen(clinic: &TestClinic, count: usize) {
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    for _ in 0..count {
        clinic.vault().record(&grant, Event::new("test.done", Subject::Clinic)).await.unwrap();
    }
}

pub async fn seal(clinic: &TestClinic) -> tirkeu::vault::Sealed {
    let keyring = clinic.clinic.keys.get();
    clinic.vault().seal(&keyring, Cause::Asked).await.unwrap()
}

/// What was done to the database, by whoever has its key.
type Deed = fn(Forger, [u64; 3]) -> std::pin::Pin<Box<dyn Future<Output = Forger>>>;

/// What is found: the fault, and how many rows the checkpoints outside prove.
type Finding = fn([u64; 3]) -> (Fault, u64);

/// In order: what somebody does; how; what is found.
const DEEDS: &[(&str, Deed, Finding)] = &[
    (
        "edits a body",
        |mut forger, _| {
            Box::pin(async {
                forger.edit_body(5, "test.done", "test.gone").await;
                forger
            })
        },
        |_| (Fault::Altered { seq: 5 }, 0),
    ),
    (
        "edits a late body",
        |mut forger, [_, second, _]| {
            Box::pin(async move {
                forger.edit_body(second + 3, "test.done", "test.gone").await;
                forger
            })
        },
        |[_, second, _]| (Fault::Altered { seq: second + 3 }, second),
    ),
    (
        "edits a body and its leaf",
        |mut forger, [first, ..]| {
            Box::pin(async move {
                forger.edit_body(first + 3, "test.done", "test.gone").await;
                forger.hash_again().await;
                forger
            })
        },
        |[first, second, _]| (Fault::HistoryChanged { outside: second }, first),
    ),
    (
        "edits an early body and recomputes every leaf, the tree and the head",
        |mut forger, _| {
            Box::pin(async {
                forger.edit_body(5, "test.done", "test.gone").await;
                forger.hash_again().await;
                forger.rebuild_the_tree().await;
                forger
            })
        },
        |[first, ..]| (Fault::HistoryChanged { outside: first }, 0),
    ),
    (
        "does all that and deletes the checkpoints in the database",
        |mut forger, [first, ..]| {
            Box::pin(async move {
                forger.edit_body(first + 3, "test.done", "test.gone").await;
                forger.hash_again().await;
                forger.rebuild_the_tree().await;
                forger.forget_checkpoints().await;
                forger
            })
        },
        |[first, second, _]| (Fault::HistoryChanged { outside: second }, first),
    ),
    (
        "does all that and signs new ones with the clinic's own key",
        |mut forger, [first, ..]| {
            Box::pin(async move {
                forger.edit_body(first + 3, "test.done", "test.gone").await;
                forger.hash_again().await;
                forger.rebuild_the_tree().await;
                forger.sign_checkpoints_again().await;
                forger
            })
        },
        |[first, second, _]| (Fault::HistoryChanged { outside: second }, first),
    ),
    (
        "removes a row",
        |mut forger, _| {
            Box::pin(async {
                forger.remove(7).await;
                forger
            })
        },
        |_| (Fault::Missing { seq: 7 }, 0),
    ),
    (
        "removes a row and moves the later ones up",
        |mut forger, _| {
            Box::pin(async {
                forger.remove(7).await;
                forger.move_after(7, -1).await;
                forger.rebuild_the_tree().await;
                forger
            })
        },
        |_| (Fault::Missing { seq: 7 }, 0),
    ),
    (
        "cuts the end off",
        |mut forger, [_, second, _]| {
            Box::pin(async move {
                forger.cut_from(second - 2).await;
                forger.rebuild_the_tree().await;
                forger.forget_checkpoints().await;
                forger
            })
        },
        |[first, second, _]| (Fault::RolledBack { outside: second }, first),
    ),
    (
        "swaps two rows with their leaves",
        |mut forger, _| {
            Box::pin(async {
                forger.swap(4, 9).await;
                forger.rebuild_the_tree().await;
                forger
            })
        },
        |_| (Fault::Reordered { seq: 4, with: 9 }, 0),
    ),
    (
        "swaps two bodies and leaves the leaves",
        |mut forger, _| {
            Box::pin(async {
                forger.swap_bodies(4, 9).await;
                forger
            })
        },
        |_| (Fault::Reordered { seq: 4, with: 9 }, 0),
    ),
    (
        "puts a row into the past and moves the later ones down",
        |mut forger, _| {
            Box::pin(async {
                forger.insert(6).await;
                forger.rebuild_the_tree().await;
                forger
            })
        },
        |_| (Fault::Inserted { seq: 6 }, 0),
    ),
    (
        "puts a row into the past, renumbers all and recomputes everything",
        |mut forger, [first, ..]| {
            Box::pin(async move {
                forger.insert(first + 2).await;
                forger.renumber().await;
                forger.hash_again().await;
                forger.rebuild_the_tree().await;
                forger.sign_checkpoints_again().await;
                forger
            })
        },
        |[first, second, _]| (Fault::HistoryChanged { outside: second }, first),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn whoever_edits_the_ledger_is_caught_by_a_checkpoint_kept_outside() {
    for (sentence, deed, finding) in DEEDS {
        let story = Story::tell().await;
        assert!(story.verify().await.is_whole(), "before somebody {sentence}");
        let forger = deed(Forger::at(&story.clinic).await, story.sizes).await;
        forger.leave().await;

        let found = story.verify().await;
        let (fault, proven) = finding(story.sizes);
        assert_eq!(found.fault, Some(fault), "somebody {sentence}");
        assert_eq!(found.proven_by(Kept::Outside), proven, "somebody {sentence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_database_put_back_is_known_by_the_checkpoint_of_today() {
    let story = Story::tell().await;
    let yesterday = tempfile::tempdir().unwrap();
    for file in ["clinic.db", "clinic.db-wal"] {
        let from = story.clinic.database().with_file_name(file);
        std::fs::copy(from, yesterday.path().join(file)).unwrap();
    }
    happen(&story.clinic, 3).await;
    let today = seal(&story.clinic).await;
    let keyring = story.clinic.clinic.keys.get();
    let mut evidence = Evidence::default();
    let keys = keyring.audit_verifying_keys();
    evidence.add_notes(&story.outside, Kept::Outside, None, Some(&keys));
    evidence.add_notes(&today.note, Kept::Outside, None, Some(&keys));

    let key = TestClinic::database_key();
    let copy = yesterday.path().join("clinic.db");
    let mut sql = open_copy(&copy, Some(&key)).await.unwrap();
    let found = verify_with(&mut sql, &evidence, &Pace::default()).await.unwrap();

    assert_eq!(found.fault, Some(Fault::RolledBack { outside: today.size }));
    assert_eq!(found.proven_by(Kept::Outside), story.sizes[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_checkpoint_outside_a_thorough_forger_is_believed_and_the_answer_says_so() {
    let story = Story::tell().await;
    let mut forger = Forger::at(&story.clinic).await;
    forger.edit_body(5, "test.done", "test.gone").await;
    forger.hash_again().await;
    forger.rebuild_the_tree().await;
    forger.sign_checkpoints_again().await;
    forger.leave().await;

    let key = TestClinic::database_key();
    let mut sql = open_copy(&story.clinic.database(), Some(&key)).await.unwrap();
    let found = verify_with(&mut sql, &Evidence::default(), &Pace::default()).await.unwrap();
    assert!(found.fault.is_none() && found.proven.is_empty(), "{found:?}");
}

#[tokio::test]
async fn an_account_that_was_smuggled_in_is_told_by_the_ledger_that_does_not_know_it() {
    let clinic = TestClinic::open().await;
    happen(&clinic, 1).await;
    let smuggled = "INSERT INTO staff (id, login, name, role, created_at)
                    VALUES ('x', 'mallory', 'M', 'owner', 0)";
    clinic.write(smuggled).await.unwrap();
    let found = clinic.vault().verify_with(&Evidence::default(), &Pace::default()).await.unwrap();
    assert_eq!(found.fault, None);
    let unlogged: Vec<_> = found.unlogged.iter().map(|it| (it.what, it.id.as_str())).collect();
    assert_eq!(unlogged, [("staff", "x")]);
}

#[tokio::test]
async fn checkpoints_are_signed_by_the_clock_and_only_when_something_happened() {
    let clinic = TestClinic::open().await;
    let chores = async || checkpoints::chores(&clinic.clinic).await.unwrap().map(|it| it.cause);
    happen(&clinic, 1).await;
    assert_eq!(chores().await, Some(Cause::Clock), "the first");
    assert_eq!(chores().await, None);
    clinic.clinic.clock().advance_ms(16 * 60 * 1000);
    assert_eq!(chores().await, None, "nothing happened");
    happen(&clinic, 1).await;
    assert_eq!(chores().await, Some(Cause::Clock));
    happen(&clinic, 1).await;
    assert_eq!(chores().await, None, "a quarter of an hour has not passed");
    happen(&clinic, 1000).await;
    assert_eq!(chores().await, Some(Cause::Growth));
    happen(&clinic, 1).await;
    clinic.clinic.clock().advance_ms(20 * 60 * 60 * 1000);
    assert_eq!(chores().await, Some(Cause::Day));

    let beside = tirkeu::vault::checkpoints_beside(&clinic.database());
    let notes = tirkeu::vault::notes_in(&std::fs::read_to_string(beside).unwrap());
    assert_eq!(notes.len(), 4, "each is in the file beside the database too");
    let evidence = checkpoints::evidence(&clinic.clinic).await.unwrap();
    assert!(evidence.unbelieved.is_empty());
    assert_eq!(evidence.witnesses.len(), 1 + 4 + 4, "head, file, database");
    let found = clinic.vault().verify_with(&evidence, &Pace::default()).await.unwrap();
    assert!(found.is_whole(), "{found:?}");
}

#[tokio::test]
async fn any_two_checkpoints_prove_that_one_begins_the_other() {
    let clinic = TestClinic::open().await;
    let mut heads = Vec::new();
    for count in [3, 40, 1100, 1] {
        happen(&clinic, count).await;
        seal(&clinic).await;
        let head = clinic.vault().ledger_head().await.unwrap();
        heads.push((head.size, head.root));
    }
    for to in &heads {
        for from in heads.iter().filter(|from| from.0 <= to.0) {
            let proof = clinic.vault().consistency(from.0, to.0).await.unwrap().unwrap();
            assert!(is_consistent(*from, *to, &proof), "{} in {}", from.0, to.0);
        }
    }
    let spans = clinic.rows("SELECT CAST(count(*) AS TEXT) FROM audit_span").await;
    assert_eq!(spans, ["1"], "a span is stored as soon as it is whole");
}

#[tokio::test]
async fn a_checkpoint_is_not_signed_over_rows_that_do_not_lead_to_the_head() {
    let story = Story::tell().await;
    let mut forger = Forger::at(&story.clinic).await;
    forger.edit_body(5, "test.done", "test.gone").await;
    forger.hash_again().await;
    forger.leave().await;
    let keyring = story.clinic.clinic.keys.get();
    let refused = story.clinic.vault().seal(&keyring, Cause::Asked).await;
    assert!(matches!(refused, Err(tirkeu::vault::VaultError::LedgerBroken)), "{refused:?}");
}

#[tokio::test]
async fn a_clock_that_goes_back_is_said_in_the_ledger_and_else_it_is_asked_about() {
    let clinic = TestClinic::open().await;
    happen(&clinic, 2).await;
    clinic.clinic.clock().advance_ms(-60_000);
    happen(&clinic, 2).await;
    clinic.clinic.clock().advance_ms(-1500);
    happen(&clinic, 1).await;

    let ledger = clinic.ledger().await;
    let jumps: Vec<_> = ledger.iter().filter(|event| event["act"] == "time.jump").collect();
    assert_eq!(jumps.len(), 1, "a second and a half is how long changes wait");
    assert_eq!(jumps[0]["detail"]["back_ms"], 60_000);
    let verified = clinic.vault().verify(None).await.unwrap();
    assert_eq!(verified.jumps, Vec::<u64>::new());

    let seq = jumps[0]["seq"].as_u64().unwrap();
    let mut forger = Forger::at(&clinic).await;
    forger.edit_body(seq, "time.jump", "test.done").await;
    forger.hash_again().await;
    forger.rebuild_the_tree().await;
    forger.leave().await;
    assert_eq!(clinic.vault().verify(None).await.unwrap().jumps, [seq]);
}

#[tokio::test]
async fn a_walk_tells_how_far_it_is_and_stops_when_it_is_told() {
    let clinic = TestClinic::open().await;
    happen(&clinic, 10).await;
    let pace = Pace::default();
    let size = clinic.vault().ledger_head().await.unwrap().size;
    clinic.vault().verify_with(&Evidence::default(), &pace).await.unwrap();
    assert_eq!(pace.rows(), (size, size));
    pace.stop();
    let stopped = clinic.vault().verify_with(&Evidence::default(), &pace).await;
    assert!(matches!(stopped, Err(tirkeu::vault::VaultError::Stopped)));
    let walking = clinic.vault().begin_walk().unwrap();
    assert!(clinic.vault().begin_walk().is_none(), "one at a time");
    drop(walking);
    let grant = clinic.grant::<VerifyLog>(Role::Compliance).await;
    assert!(checkpoints::walk(&clinic.clinic, &grant).await.unwrap().unwrap().is_whole());
}
