//! The keys that sign and verify access tokens.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};

use crate::access::Claims;
use crate::secret::RootSecret;

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
    signing_id: String,
    verifying: Vec<(String, DecodingKey)>,
    public: JwkSet,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeySet({})", self.signing_id)
    }
}

impl KeySet {
    /// The key pair that belongs to the root secret.
    pub fn derived(root: &RootSecret) -> Result<Self, jsonwebtoken::errors::Error> {
        let seed = root.derive("sign access tokens");
        let signing = EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), &seed].concat());
        let mut jwk = Jwk::from_encoding_key(&signing, ALGORITHM)?;
        let id = jwk.thumbprint(ThumbprintHash::SHA256)?; // RFC 7638
        jwk.common.key_id = Some(id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let verifying = vec![(id.clone(), DecodingKey::from_jwk(&jwk)?)];
        Ok(Self {
            signing,
            signing_id: id,
            verifying,
            public: JwkSet { keys: vec![jwk] },
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
        header.kid = Some(self.signing_id.clone());
        jsonwebtoken::encode(&header, claims, &self.signing)
    }

    pub(super) fn verifying(&self, id: &str) -> Option<&DecodingKey> {
        self.verifying
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, key)| key)
    }
}
