//! The keys that sign and verify access tokens.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};

use crate::access::Claims;
use crate::algorithms;
use crate::secret::{KEY_BYTES, RootSecret};

/// The `typ` of an access token (RFC 9068 section 2.1).
pub(super) const TOKEN_TYPE: &str = "at+jwt";

/// Ed25519: small, fast, and there is one way to use it. No other algorithm is
/// ever accepted for a token of ours.
pub(super) const ALGORITHM: Algorithm = Algorithm::EdDSA;

/// What precedes the 32 bytes of an Ed25519 private key in PKCS #8
/// (RFC 8410 section 7): version, algorithm, two octet strings.
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// The key that signs, and all keys that verify.
#[derive(Clone)]
pub struct KeySet {
    signing: EncodingKey,
    /// Each with its id, that of `signing` first.
    verifying: Vec<(String, DecodingKey)>,
    public: JwkSet,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeySet({:?})", self.signing_id())
    }
}

impl KeySet {
    /// The key pairs that belong to the root secret and those beside it, as
    /// long as a token of theirs can be alive.
    pub fn derived(root: &RootSecret) -> Result<Self, jsonwebtoken::errors::Error> {
        algorithms::install();
        let seeds = root.derive_brief("sign access tokens");
        let (signing, jwk) = pair(&seeds.making)?;
        let mut public = vec![jwk];
        for seed in &seeds.reading {
            public.push(pair(seed)?.1);
        }
        let mut verifying = Vec::new();
        for jwk in &public {
            let id = jwk.common.key_id.clone().unwrap_or_default();
            verifying.push((id, DecodingKey::from_jwk(jwk)?));
        }
        Ok(Self {
            signing,
            verifying,
            public: JwkSet { keys: public },
        })
    }

    /// The public keys, as `/.well-known/jwks.json` shows them (RFC 7517).
    pub fn public(&self) -> &JwkSet {
        &self.public
    }

    /// Signs a token.
    pub fn sign(&self, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = self.signing_id().map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.signing)
    }

    /// The ids of all keys, that of the one that signs first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.verifying.iter().map(|(id, _)| id.as_str())
    }

    fn signing_id(&self) -> Option<&str> {
        self.ids().next()
    }

    pub(super) fn verifying(&self, id: &str) -> Option<&DecodingKey> {
        self.verifying
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, key)| key)
    }
}

/// The private key of a seed, and the public one as it is shown.
fn pair(seed: &[u8; KEY_BYTES]) -> Result<(EncodingKey, Jwk), jsonwebtoken::errors::Error> {
    let private = EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), seed].concat());
    let mut public = Jwk::from_encoding_key(&private, ALGORITHM)?;
    let id = public.thumbprint(ThumbprintHash::SHA256)?; // RFC 7638
    public.common.key_id = Some(id);
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok((private, public))
}
