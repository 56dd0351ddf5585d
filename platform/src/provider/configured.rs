//! The providers of the deployment, with our secret at each.

use std::cell::RefCell;
use std::rc::Rc;

use oauth::grant::Secret;
use oauth::origin::PublicOrigin;
use oauth::provider::{self, Provider, ProviderKind};
use worker::{Env, Error, Result};

use crate::variable::optional;

/// The variable with the origin that people reach us by.
pub const PUBLIC_ORIGIN: &str = "PUBLIC_ORIGIN";
/// The variable with the list.
const PROVIDERS: &str = "PROVIDERS";

/// A provider, and what proves to it that we are its client.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The provider.
    pub provider: Provider,
    /// Our secret there; a public client has none.
    pub client_secret: Option<Secret>,
}

/// Providers that cannot be used.
#[derive(Debug)]
pub struct BadProvider {
    /// The variable or secret that is wrong.
    pub variable: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What an object needs of the configuration to ask a provider.
#[derive(Debug)]
pub struct Known {
    /// The origin that people reach us by.
    pub origin: PublicOrigin,
    providers: Vec<Configured>,
}

impl Known {
    /// The provider of that id.
    pub fn find(&self, id: &str) -> Option<&Configured> {
        self.providers.iter().find(|it| it.provider.id == id)
    }
}

thread_local! {
    static KNOWN: RefCell<Option<Rc<Known>>> = const { RefCell::new(None) };
}

/// The providers as the objects of this isolate know them. The portal has
/// refused to work with those that cannot be read.
pub fn known(env: &Env) -> Result<Rc<Known>> {
    if let Some(known) = KNOWN.with_borrow(Clone::clone) {
        return Ok(known);
    }
    let said = optional(env, PUBLIC_ORIGIN).unwrap_or_default();
    let origin = PublicOrigin::parse(&said)
        .map_err(|bad| Error::RustError(format!("{PUBLIC_ORIGIN} {bad}")))?;
    let providers = read(env, &origin)
        .map_err(|bad| Error::RustError(format!("{} {}", bad.variable, bad.problem)))?;
    let known = Rc::new(Known { origin, providers });
    KNOWN.set(Some(Rc::clone(&known)));
    Ok(known)
}

/// Reads the providers, and the secret of each.
pub fn read(env: &Env, origin: &PublicOrigin) -> Result<Vec<Configured>, BadProvider> {
    let bad = |variable: &str, problem: String| BadProvider {
        variable: variable.to_owned(),
        problem,
    };
    let missing = || "is missing".to_owned();
    let text = optional(env, PROVIDERS).ok_or_else(|| bad(PROVIDERS, missing()))?;
    let read = provider::read(&text, origin).map_err(|why| bad(PROVIDERS, why.to_string()))?;
    let configured = read.into_iter().map(|provider| {
        let name = provider.secret_name();
        let client_secret = optional(env, &name).map(Secret);
        let needed = match &provider.kind {
            ProviderKind::GitHub { .. } => true,
            ProviderKind::OpenId { google, .. } => *google,
            ProviderKind::Development { .. } => false,
        };
        if needed && client_secret.is_none() {
            return Err(bad(&name, missing()));
        }
        Ok(Configured {
            provider,
            client_secret,
        })
    });
    configured.collect()
}
