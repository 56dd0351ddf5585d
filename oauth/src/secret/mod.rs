//! The root secret, the keys derived from it, and hashes of secrets.
//!
//! One secret is configured; every use gets a key of its own by HKDF, so that
//! a value made for one purpose can never be taken for another. When the
//! secret is replaced, the older one still reads what it made (`rotation`).

mod hash;
mod mac;
mod root;
mod rotation;

pub use hash::{SecretHash, same};
pub use mac::MacKey;
pub use root::{
    KEY_BYTES, Keys, ROOT_BYTES_MIN, ROOT_CHARS_MAX, ROOT_VARIETY_MIN, RootSecret, WeakSecret,
};
pub use rotation::{BRIEF_LIFE_MAX, BadRoot, Numbered, Part, ROOTS_MAX, Rotation};
