//! The rules of the authorization server and of the login in front of it.
//!
//! Everything here decides: it takes what was received, what is stored, the
//! time and random bytes as values, and returns values. Fetching, storing and
//! answering happen in the shells (`src/`, `durable/`).

pub mod access;
mod algorithms;
pub mod allowance;
pub mod api_key;
pub mod authorize;
mod basic;
pub mod bearer;
pub mod client;
pub mod direct;
pub mod dpop;
pub mod encoding;
pub mod exchange;
pub mod form;
pub mod grant;
pub mod identity;
pub mod introspection;
mod json;
mod jwt;
pub mod login;
pub mod metadata;
pub mod origin;
pub mod pkce;
pub mod provider;
pub mod public_keys;
pub mod redirect;
pub mod resource_server;
pub mod revocation;
pub mod role;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod sender;
pub mod token;
pub mod vault;

pub use secret::RootSecret;
