//! Keys, hashes, signatures, passwords and encrypted files: every use of
//! cryptography in the program, so that it can be read in one place.
//!
//! Algorithms and formats are those of the security specification: SHA-256 and
//! HMAC (FIPS 180-4, RFC 2104), Ed25519 (RFC 8032), Argon2id (RFC 9106), TOTP
//! (RFC 6238), passkeys (W3C Web Authentication), age files (c2sp.org/age), signed notes (c2sp.org/signed-note)
//! and X.509 (RFC 5280). Secrets are wiped when dropped and print as
//! `[redacted]`.

pub mod ages;
pub mod authority;
pub mod blob;
pub mod ca;
pub mod files;
pub mod hash;
pub mod keyring;
pub mod machine;
pub mod passkeys;
pub mod password;
pub mod qr;
pub mod random;
pub mod secret;
pub mod sign;
pub mod totp;

pub use ages::{Identity, IdentityError, Recipient};
pub use blob::{BlobError, BlobHash, BlobStore};
pub use ca::{Leaf, LocalCa};
pub use hash::{HmacKey, Sha256};
pub use keyring::{Keyring, KeyringError, KeyringFile, RecoveryKit};
pub use machine::{MachineIdentity, MachineIdentityError, MachinePlaces};
pub use password::{PasswordError, Passwords, Verdict, Weakness};
pub use random::Random;
pub use secret::Secret;
pub use sign::{Checkpoint, NoteError, SigningKey, VerifyingKey};
pub use totp::TotpSecret;
