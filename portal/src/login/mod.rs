//! Logging in, as browsers see it.
//!
//! 1. [`page`] offers the providers and names the app that asks.
//! 2. [`start`] logs in for development, or sends the browser to a provider.
//! 3. [`callback`] takes it in again and asks who it is (`platform::provider`).
//! 4. [`finish`] begins the login session and goes back to the app's request.

pub(crate) mod callback;
mod finish;
pub(crate) mod form;
pub(crate) mod page;
pub(crate) mod session;
pub(crate) mod start;
