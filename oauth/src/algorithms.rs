//! The algorithms that JWTs are signed with here, for `jsonwebtoken`, on the
//! crates of `RustCrypto`. Its own set on the same crates has twelve algorithms,
//! which would all be in the front Worker: P-384, and the private half of RSA,
//! for nothing that we take or make.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::needless_pass_by_value,
    reason = "the signatures are those of jsonwebtoken"
)]

use ed25519_dalek::pkcs8::DecodePrivateKey;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha2::{Digest, Sha256};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        ed_pub_components_from_private_key: public_half,
        compute_digest: digest,
        // The keys of others come as public JWKs, ours is an Ed25519 key.
        ..KeyUtils::new_unimplemented()
    },
};

/// Has `jsonwebtoken` use them. Whoever has a key has called this.
pub(crate) fn install() {
    // An error says that it was done before.
    let _ = PROVIDER.install_default();
}

/// Our own signatures, the only ones we make.
struct Signing(ed25519_dalek::SigningKey);

/// What checks one kind of signature.
enum Verifying {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    Rsa(RsaPublicKey, Padding),
}

/// How RSA signatures are padded (RFC 7518 sections 3.3 and 3.5).
#[derive(Clone, Copy)]
enum Padding {
    Pkcs1,
    Pss,
}

#[cfg(not(test))]
fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    own_signer(*algorithm, key)
}

/// Tests are also whoever signs for us: providers and clients.
#[cfg(test)]
fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    own_signer(*algorithm, key).or_else(|_| {
        (jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.signer_factory)(algorithm, key)
    })
}

fn own_signer(algorithm: Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    if algorithm != Algorithm::EdDSA || key.family() != AlgorithmFamily::Ed {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let key = ed25519_dalek::SigningKey::from_pkcs8_der(key.as_bytes());
    Ok(Box::new(Signing(
        key.map_err(|_| ErrorKind::InvalidEddsaKey)?,
    )))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let verifying = match (*algorithm, key.family()) {
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => {
            let bytes = key.try_get_as_bytes()?.first_chunk().copied();
            let key = bytes.map(|bytes| ed25519_dalek::VerifyingKey::from_bytes(&bytes));
            let key = key.and_then(Result::ok).ok_or(ErrorKind::InvalidEddsaKey)?;
            Verifying::Ed25519(key)
        }
        (Algorithm::ES256, AlgorithmFamily::Ec) => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.try_get_as_bytes()?);
            Verifying::P256(key.map_err(|_| ErrorKind::InvalidEcdsaKey)?)
        }
        (Algorithm::RS256, AlgorithmFamily::Rsa) => Verifying::Rsa(rsa_key(key)?, Padding::Pkcs1),
        (Algorithm::PS256, AlgorithmFamily::Rsa) => Verifying::Rsa(rsa_key(key)?, Padding::Pss),
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(verifying))
}

fn rsa_key(key: &DecodingKey) -> Result<RsaPublicKey, Error> {
    let DecodingKeyKind::RsaModulusExponent { n, e } = key.kind() else {
        return Err(ErrorKind::InvalidKeyFormat.into());
    };
    RsaPublicKey::new(BigUint::from_bytes_be(n), BigUint::from_bytes_be(e))
        .map_err(|error| ErrorKind::InvalidRsaKey(error.to_string()).into())
}

impl Signer<Vec<u8>> for Signing {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.try_sign(message)?.to_bytes().to_vec())
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], claimed: &Vec<u8>) -> Result<(), signature::Error> {
        match self {
            Self::Ed25519(key) => {
                key.verify(message, &ed25519_dalek::Signature::from_slice(claimed)?)
            }
            Self::P256(key) => key.verify(message, &p256::ecdsa::Signature::from_slice(claimed)?),
            Self::Rsa(key, padding) => {
                let hash = Sha256::digest(message);
                let verified = match padding {
                    Padding::Pkcs1 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &hash, claimed),
                    Padding::Pss => key.verify(Pss::new::<Sha256>(), &hash, claimed),
                };
                verified.map_err(signature::Error::from_source)
            }
        }
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDSA,
            Self::P256(_) => Algorithm::ES256,
            Self::Rsa(_, Padding::Pkcs1) => Algorithm::RS256,
            Self::Rsa(_, Padding::Pss) => Algorithm::PS256,
        }
    }
}

fn public_half(private: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>, Error> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let key = ed25519_dalek::SigningKey::from_pkcs8_der(private);
    let key = key.map_err(|_| ErrorKind::InvalidEddsaKey)?;
    Ok(key.verifying_key().to_bytes().to_vec())
}

fn digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>, Error> {
    if !matches!(hash, ThumbprintHash::SHA256) {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Sha256::digest(data).to_vec())
}
