//! The providers by which people log in, as they are configured.

mod config;

pub use config::{
    BadProviders, DEVELOPMENT_ISSUER_PATH, PROVIDERS_MAX, Provider, ProviderKind, read,
};
