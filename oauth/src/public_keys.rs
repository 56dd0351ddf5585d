//! The public keys of others (RFC 7517): a provider's, which sign ID tokens, and
//! a client's, which sign its assertions and proofs.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use crate::json;
use crate::{algorithms, encoding};

/// Most keys we take of one set; providers publish two to five.
pub const PUBLIC_KEYS_MAX: usize = 32;
/// Algorithms that others may sign with: asymmetric ones only. `none` and HMAC
/// are never accepted, whatever a key set says.
pub const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::RS256,
    Algorithm::ES256,
    Algorithm::PS256,
    Algorithm::EdDSA,
];
/// Shortest RSA modulus we trust, in bytes: 2048 bits, RFC 7518 section 3.3.
const RSA_BYTES_MIN: usize = 256;

/// The keys of a set that can be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys(Vec<Jwk>);

/// A key set that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key set is not a JSON object with keys")]
pub struct NoKeySet;

impl PublicKeys {
    /// Reads a key set.
    pub fn read(body: &[u8]) -> Result<Self, NoKeySet> {
        let set: Map<String, Value> = json::read(body).ok_or(NoKeySet)?;
        Self::of(&set)
    }

    /// The keys of a set. Keys that we cannot use are left out (RFC 7517
    /// section 5), so that others may publish new kinds.
    pub fn of(set: &Map<String, Value>) -> Result<Self, NoKeySet> {
        algorithms::install();
        let keys = set.get("keys").and_then(Value::as_array).ok_or(NoKeySet)?;
        let keys = keys.iter().take(PUBLIC_KEYS_MAX);
        let keys = keys.filter_map(|key| serde_json::from_value(key.clone()).ok());
        Ok(Self(keys.filter(is_usable).collect()))
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of that id that may verify that algorithm. A token without an
    /// id is verified only if there is no choice.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let mut fitting = self.0.iter().filter(|key| verifies(key, algorithm));
        let key = match id {
            Some(id) => fitting.find(|key| key.common.key_id.as_deref() == Some(id)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        };
        key.and_then(|key| DecodingKey::from_jwk(key).ok())
    }
}

/// What verifies signatures by a key that came with what it signed: proofs of
/// possession, which are about that key and no other.
pub(crate) fn verifier(key: &Jwk, algorithm: Algorithm) -> Option<DecodingKey> {
    let fits = is_usable(key) && verifies(key, algorithm);
    fits.then(|| DecodingKey::from_jwk(key).ok()).flatten()
}

/// The names of [`ALGORITHMS`], for metadata.
pub fn algorithm_names() -> Vec<String> {
    let names = ALGORITHMS.iter();
    names.map(|algorithm| format!("{algorithm:?}")).collect()
}

/// Whether a key is a public one of a size that the verifier can be given.
fn is_usable(key: &Jwk) -> bool {
    let signs = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let bytes = |text: &str| encoding::decode(text).map_or(0, |bytes| bytes.len());
    let sound = match &key.algorithm {
        AlgorithmParameters::RSA(key) => bytes(&key.n) >= RSA_BYTES_MIN,
        AlgorithmParameters::EllipticCurve(key) => {
            key.curve == EllipticCurve::P256 && bytes(&key.x) == 32 && bytes(&key.y) == 32
        }
        AlgorithmParameters::OctetKeyPair(key) => {
            key.curve == EllipticCurve::Ed25519 && bytes(&key.x) == 32
        }
        // A symmetric key in a public document is no secret.
        AlgorithmParameters::OctetKey(_) | AlgorithmParameters::Other(_) | _ => false,
    };
    signs && sound
}

fn verifies(key: &Jwk, algorithm: Algorithm) -> bool {
    let rsa = matches!(algorithm, Algorithm::RS256 | Algorithm::PS256)
        && matches!(key.algorithm, AlgorithmParameters::RSA(_));
    let curve = algorithm == Algorithm::ES256
        && matches!(key.algorithm, AlgorithmParameters::EllipticCurve(_));
    let edwards = algorithm == Algorithm::EdDSA
        && matches!(key.algorithm, AlgorithmParameters::OctetKeyPair(_));
    let named = key.common.key_algorithm;
    (rsa || curve || edwards)
        && named.is_none_or(|named| named.to_string() == format!("{algorithm:?}"))
}
