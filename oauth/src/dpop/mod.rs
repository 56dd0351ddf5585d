//! Demonstrating proof of possession (RFC 9449): a token that is bound to a key
//! of its client is good only beside a proof that the client signed with that
//! key for this one request.
//!
//! Clients choose: without a proof they get bearer tokens. There are no server
//! nonces (section 8): a proof is good for a short while, and a machine of ours
//! takes it once.

mod proof;
mod seen;
mod thumbprint;

pub use proof::{Demonstrated, PROOF_AGE_MAX, PROOF_CHARS_MAX, ProofRefusal, Target, check, one};
pub use seen::{SEEN_PROOFS_MAX, SeenProofs};
pub use thumbprint::{Confirmation, KeyThumbprint};

/// The field that carries a proof, and the scheme of a bound token (sections
/// 4.1 and 7.1).
pub const DPOP: &str = "DPoP";
