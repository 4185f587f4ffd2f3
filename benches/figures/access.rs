//! Signing in with the full price of a password: 64 MiB and three passes, four
//! at once and no more.

use std::sync::Arc;

use tirkeu::crypto::password::{Cost, Verdict};
use tirkeu::crypto::{Passwords, Random};

use crate::measure::{CLIENTS, Speed, TRIES, line, load};
use crate::pages::resident_megabytes;

const SIGN_INS: usize = 40;
const PASSWORD: &str = "correct horse battery staple";

/// Ours: a password compared as a sign-in does, through the four places. Bare:
/// the same by one client alone.
pub async fn all() {
    let passwords = Arc::new(Passwords::with_cost(Random::system(), Cost::FULL));
    let hash: Arc<str> = passwords.hash(PASSWORD).await.unwrap().into();
    let compare = |clients: usize| {
        let (passwords, hash) = (passwords.clone(), hash.clone());
        load(clients, SIGN_INS, move |_, _| {
            let (passwords, hash) = (passwords.clone(), hash.clone());
            async move {
                assert!(passwords.verify(PASSWORD, Some(&hash)).await.unwrap() != Verdict::Wrong);
            }
        })
    };
    let before = resident_megabytes();
    let mut most = before;
    for clients in CLIENTS {
        let (mut ours, mut bare): (Vec<Speed>, Vec<Speed>) = Default::default();
        for _ in 0..TRIES {
            ours.push(compare(clients).await);
            most = most.max(resident_megabytes());
            bare.push(compare(1).await);
        }
        line("sign-in's password (bare: one alone)", clients, ours, &bare, "p50 of one <= 160 ms");
    }
    println!("memory before {before} MB, after {most} MB: four of 64 MiB at once at most");
}
