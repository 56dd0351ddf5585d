//! What a handler sees: the configuration and the bindings, as typed values.

use std::cell::RefCell;
use std::rc::Rc;

use platform::clock;
use platform::config::ConfigError;
use worker::Env;

use crate::config::Config;

/// The bindings and the configuration of one request.
pub(crate) struct App {
    /// The typed configuration, shared by all requests of the isolate.
    pub(crate) config: Rc<Config>,
    /// The platform's bindings.
    pub(crate) env: Env,
    /// The network that the request comes from: who is counted as one where
    /// nobody is known.
    pub(crate) network: String,
}

thread_local! {
    static CONFIG: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
}

impl App {
    /// Reads the configuration the first time, and when a root secret's time
    /// has come; keeps it for the isolate.
    #[inline(never)] // it would be copied to each place
    pub(crate) fn new(env: Env, network: String) -> Result<Self, ConfigError> {
        let config = CONFIG.with_borrow_mut(|kept| match kept {
            Some(config) if config.secrets.holds(clock::now()) => Ok(Rc::clone(config)),
            _ => Config::read(&env).map(|config| Rc::clone(kept.insert(Rc::new(config)))),
        })?;
        Ok(Self {
            config,
            env,
            network,
        })
    }
}
