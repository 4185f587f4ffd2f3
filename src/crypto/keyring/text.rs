//! Keys as text in the JSON.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Hex of a key: redacted in `Debug`, wiped when dropped.
#[derive(Clone)]
pub(super) struct HexKey(pub Zeroizing<String>);

/// Text of a key: redacted in `Debug`, wiped when dropped.
#[derive(Clone)]
pub(super) struct TextKey(pub Zeroizing<String>);

macro_rules! key_text {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[redacted]")
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            /// Borrows the text, so that no copy of it is left behind.
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                <&str>::deserialize(d).map(|text| Self(Zeroizing::new(text.to_owned())))
            }
        }
    };
}

key_text!(HexKey);
key_text!(TextKey);
