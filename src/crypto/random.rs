//! The only source of randomness.
//!
//! Outside tests it is the kernel's generator through ring; a test injects
//! [`Random::fixed`], whose bytes are the same in every run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::BASE32_NOPAD;
use ring::rand::{SecureRandom, SystemRandom};

use crate::crypto::hash;

/// Where random bytes come from. Cheap to clone; clones of a fixed source go
/// on from where the others have come.
#[derive(Clone, Debug)]
pub struct Random(Source);

#[derive(Clone, Debug)]
enum Source {
    System(SystemRandom),
    Fixed { seed: u64, block: Arc<AtomicU64> },
}

impl Random {
    /// The kernel's generator.
    pub fn system() -> Self {
        Self(Source::System(SystemRandom::new()))
    }

    /// The same bytes for the same seed: for tests and for nothing else.
    pub fn fixed(seed: u64) -> Self {
        Self(Source::Fixed { seed, block: Arc::default() })
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::System(system) => {
                system.fill(bytes).expect("the kernel's generator cannot fail once it is seeded");
            }
            Source::Fixed { seed, block } => {
                for chunk in bytes.chunks_mut(32) {
                    let number = block.fetch_add(1, Ordering::Relaxed);
                    let digest = hash::sha256_of(&[&seed.to_be_bytes(), &number.to_be_bytes()]);
                    chunk.copy_from_slice(&digest[..chunk.len()]);
                }
            }
        }
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// `N` random bytes as lower-case hex: 32 bytes make a 64-character token.
    pub fn hex<const N: usize>(&self) -> String {
        hash::hex(&self.bytes::<N>())
    }

    /// `N` random bytes in the letters of RFC 4648 base32, without padding.
    pub fn base32<const N: usize>(&self) -> String {
        BASE32_NOPAD.encode(&self.bytes::<N>())
    }

    /// A number below `bound`, every one equally likely. `bound` is at least 1.
    pub fn below(&self, bound: u32) -> u32 {
        // Numbers of the last, incomplete round would favour small results.
        let unbiased = u32::MAX - u32::MAX % bound;
        loop {
            let number = u32::from_be_bytes(self.bytes());
            if number < unbiased {
                return number % bound;
            }
        }
    }

    /// Six digits, `000000` to `999999`, every one equally likely.
    pub fn six_digits(&self) -> String {
        format!("{:06}", self.below(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_source_repeats_itself_and_its_clones_go_on() {
        let first = Random::fixed(7);
        let again = Random::fixed(7);

        assert_eq!(first.hex::<40>(), again.hex::<40>());
        assert_ne!(first.hex::<16>(), first.clone().hex::<16>());
        assert_ne!(Random::fixed(8).hex::<40>(), Random::fixed(7).hex::<40>());
    }

    #[test]
    fn the_system_source_never_gives_the_same_token_twice() {
        let random = Random::system();
        let tokens: std::collections::HashSet<_> = (0..1_000).map(|_| random.hex::<16>()).collect();

        assert_eq!(tokens.len(), 1_000);
    }

    #[test]
    fn codes_are_six_digits_and_spread_evenly() {
        let random = Random::fixed(1);
        let mut first_digits = [0_u32; 10];
        for _ in 0..20_000 {
            let code = random.six_digits();
            assert_eq!(code.len(), 6);
            first_digits[usize::from(code.as_bytes()[0] - b'0')] += 1;
        }

        // 2,000 each, give or take five standard deviations of 42.
        assert!(
            first_digits.iter().all(|count| (1_790..2_210).contains(count)),
            "{first_digits:?}"
        );
    }
}
