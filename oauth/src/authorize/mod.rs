//! The authorization endpoint (OAuth 2.1 section 4.1): what is asked, and what
//! is sent back.

mod pushed;
mod request;
mod response;

pub use pushed::{PUSHED_BYTES_MAX, PUSHED_LIFE, PushError, PushedAnswer, PushedRequests, pushing};
pub use request::{AuthorizeRequest, Refusal, STATE_BYTES_MAX, check, client_id};
pub use response::{AuthorizeError, PageError, redirect_with_code, redirect_with_error};
