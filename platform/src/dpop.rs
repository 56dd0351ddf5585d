//! Proofs of possession (RFC 9449), and which of them this isolate has seen.

use std::cell::RefCell;

use http::Request;
use jiff::Timestamp;
use oauth::dpop::{self, KeyThumbprint, ProofRefusal, SeenProofs, Target};
use oauth::origin::PublicOrigin;

use crate::host;

thread_local! {
    /// Proofs beside access tokens, and those of anybody, by which strangers push
    /// nothing out of the first.
    static BOUND: RefCell<SeenProofs> = RefCell::default();
    static FREE: RefCell<SeenProofs> = RefCell::default();
}

/// The key that the sender of a request holds; none if it shows no proof. Beside
/// a token that is bound to a key there has to be one, by that key. Costs a
/// signature, and no I/O.
pub fn demonstrated<B>(
    public: &PublicOrigin,
    request: &Request<B>,
    bound: Option<(&str, &KeyThumbprint)>,
    now: Timestamp,
) -> Result<Option<KeyThumbprint>, ProofRefusal> {
    let fields = request.headers().get_all(dpop::DPOP).iter();
    let proof = dpop::one(fields.map(|field| field.to_str().unwrap_or_default()))?;
    let Some(proof) = proof else {
        return match bound {
            Some(_) => Err(ProofRefusal::Count),
            None => Ok(None),
        };
    };
    let target = Target {
        method: request.method().as_str(),
        origin: host::reached(public, request),
        path: request.uri().path(),
        token: bound.map(|(token, _)| token),
    };
    let shown = dpop::check(proof, &target, now)?;
    if bound.is_some_and(|(_, key)| *key != shown.key) {
        return Err(ProofRefusal::OtherKey);
    }
    let seen = if bound.is_some() { &BOUND } else { &FREE };
    if !seen.with_borrow_mut(|seen| seen.first_use(&shown, now)) {
        return Err(ProofRefusal::Used);
    }
    Ok(Some(shown.key))
}
