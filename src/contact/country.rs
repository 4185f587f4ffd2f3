//! Countries in which somebody the clinic works with may keep data.

use crate::ids::words;

words! {
    /// ISO 3166-1, lower case.
    Country {
        Kz = "kz",
        Ru = "ru",
        Kg = "kg",
        Uz = "uz",
        Tr = "tr",
        Ae = "ae",
        De = "de",
        Nl = "nl",
        Ie = "ie",
        Gb = "gb",
        Us = "us",
        Sg = "sg",
        Il = "il",
        Cn = "cn",
    }
}

impl Country {
    /// Whether what goes there leaves the country (law 94-V art. 16).
    pub fn is_abroad(self) -> bool {
        self != Self::Kz
    }
}
