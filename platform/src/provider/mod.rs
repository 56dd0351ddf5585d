//! The providers by which people log in, as objects and front ask them: who somebody
//! is, and for what a tool needs to act in their name. What is believed of their
//! answers is `oauth::provider`'s to say.

mod configured;
mod fetch;
mod renew;
mod upstream;

pub use configured::{BadProvider, Configured, PUBLIC_ORIGIN, read};
pub use configured::{Known, known};
pub use renew::{renew, still_knows};
pub use upstream::{Trouble, Vouched, authorize_url, identify, with_keys};
