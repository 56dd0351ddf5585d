//! The authorization endpoint (OAuth 2.1 section 4.1): what is asked, and what
//! is sent back.

mod request;
mod response;

pub use request::{AuthorizeRequest, Refusal, STATE_BYTES_MAX, check, client_id};
pub use response::{AuthorizeError, PageError, redirect_with_code, redirect_with_error};
