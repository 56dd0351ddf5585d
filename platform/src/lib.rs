//! What our Workers share of the platform: time, chance, variables, fetching, reading
//! requests and answering them, and how the objects, the tools and the login providers
//! are asked.

pub mod account;
pub mod answer;
mod awaited;
mod behind;
pub mod body;
pub mod calls;
pub mod clock;
pub mod config;
pub mod cors;
pub mod credential;
pub mod dpop;
pub mod failure;
#[cfg(feature = "faults")]
pub mod faults;
pub mod fetch;
mod fields;
pub mod gathered;
pub mod handle;
pub mod hop;
pub mod host;
pub mod hub;
pub mod incoming;
pub mod json;
pub mod keys;
pub mod leases;
pub mod limits;
pub mod login;
pub mod object;
pub mod panics;
pub mod portal;
pub mod provider;
pub mod quota;
pub mod random;
pub mod records;
pub mod served;
pub mod session;
pub mod task;
pub mod tools;
pub mod variable;
