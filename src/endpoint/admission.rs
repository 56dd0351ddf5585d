//! What the quota says to a request, as HTTP says it to the client.

use durable::quota::{Admission, too_many_calls};
use http::Response;
use mcp::RequestId;
use mcp::era::Refusal;

use super::refused;
use crate::answer::{self, Body};

/// The answer to a request beyond the limit; none if it is admitted.
pub(super) fn refusal(admission: &Admission, id: Option<&RequestId>) -> Option<Response<Body>> {
    match admission {
        Admission::Admitted(_) => None,
        Admission::Refused { retry_after_s, .. } => {
            let error = too_many_calls(*retry_after_s);
            let refused = refused(&Refusal::new(429, id.cloned(), error));
            Some(with_fields(admission, refused))
        }
    }
}

/// An answer that says what is left of the quota.
pub(super) fn with_fields(admission: &Admission, mut response: Response<Body>) -> Response<Body> {
    answer::set(&mut response, admission.fields());
    response
}
