//! Proof Key for Code Exchange (RFC 7636), with S256 only.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{encoding, secret};

/// Fewest characters of a verifier: RFC 7636 section 4.1.
pub const VERIFIER_CHARS_MIN: usize = 43;
/// Most characters of a verifier: RFC 7636 section 4.1.
pub const VERIFIER_CHARS_MAX: usize = 128;

/// The hash of a verifier that only the client knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenge(String);

impl Challenge {
    /// Reads a `code_challenge`; `None` for what no SHA-256 looks like.
    pub fn parse(text: &str) -> Option<Self> {
        let hash = encoding::decode(text)?;
        (hash.len() == 32).then(|| Self(text.to_owned()))
    }

    /// Takes a challenge from our own table.
    pub fn trusted(text: String) -> Self {
        Self(text)
    }

    /// The challenge as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether that is the verifier (RFC 7636 section 4.6), in constant time.
    pub fn answers(&self, verifier: &str) -> bool {
        let length = (VERIFIER_CHARS_MIN..=VERIFIER_CHARS_MAX).contains(&verifier.len());
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        length
            && verifier.bytes().all(unreserved)
            && secret::same(
                &self.0,
                &encoding::encode(Sha256::digest(verifier.as_bytes())),
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_verifier_of_the_rfc_fits_its_challenge() {
        assert!(Challenge::parse(CHALLENGE).unwrap().answers(VERIFIER));
    }

    /// RFC 7636 sections 4.1 and 4.6.
    /// Checklist AS-04.
    #[test]
    fn any_other_verifier_does_not_fit() {
        let challenge = Challenge::parse(CHALLENGE).unwrap();
        let long = "a".repeat(VERIFIER_CHARS_MAX + 1);
        for verifier in [
            "",
            CHALLENGE,
            &VERIFIER[1..],
            &format!("{VERIFIER}x"),
            &long,
        ] {
            assert!(!challenge.answers(verifier), "{verifier}");
        }
    }

    /// Checklist AS-04.
    #[test]
    fn a_challenge_that_is_no_hash_is_refused() {
        for text in [
            "",
            "short",
            VERIFIER.get(1..).unwrap(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
        ] {
            assert_eq!(Challenge::parse(text), None, "{text}");
        }
    }
}
