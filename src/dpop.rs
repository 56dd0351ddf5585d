//! Proofs of possession (RFC 9449), and which of them this isolate has seen.

use std::cell::RefCell;

use http::Request;
use jiff::Timestamp;
use oauth::dpop::{self, KeyThumbprint, ProofRefusal, SeenProofs, Target};

use crate::app::App;
use crate::guard;

thread_local! {
    /// Beside access tokens.
    static SEEN: RefCell<SeenProofs> = RefCell::default();
    /// Where anybody may show proofs: strangers push nothing out of the other.
    static SEEN_OF_ANYBODY: RefCell<SeenProofs> = RefCell::default();
}

/// The key that the sender of a request holds; none if it shows no proof. Beside
/// a token that is bound to a key there has to be one, by that key. Costs a
/// signature, and no I/O.
pub(crate) fn demonstrated<B>(
    app: &App,
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
        origin: guard::reached(app, request),
        path: request.uri().path(),
        token: bound.map(|(token, _)| token),
    };
    let shown = dpop::check(proof, &target, now)?;
    if bound.is_some_and(|(_, key)| *key != shown.key) {
        return Err(ProofRefusal::OtherKey);
    }
    let memory = if bound.is_some() {
        &SEEN
    } else {
        &SEEN_OF_ANYBODY
    };
    if !memory.with_borrow_mut(|seen| seen.first_use(&shown, now)) {
        return Err(ProofRefusal::Used);
    }
    Ok(Some(shown.key))
}
