//! What the quota says to a request, as HTTP says it to the client.

use http::Response;
use mcp::RequestId;
use mcp::era::Refusal;
use platform::answer::{self, Body};
use platform::quota::{Admission, too_many_calls};

use super::refused;

/// The answer to a request beyond the limit; none if it is admitted.
pub(super) fn refusal(admission: &Admission, id: Option<&RequestId>) -> Option<Response<Body>> {
    match admission {
        Admission::Admitted(_) => None,
        Admission::Refused(beyond) => {
            let error = too_many_calls(beyond);
            let refused = refused(&Refusal::new(429, id.cloned(), error));
            Some(with_fields(admission, refused))
        }
    }
}

/// An answer that says what is left of the quota, if it does not say so already.
pub(super) fn with_fields(admission: &Admission, mut response: Response<Body>) -> Response<Body> {
    if response.headers().contains_key("ratelimit") {
        return response;
    }
    answer::set(&mut response, admission.fields());
    response
}
