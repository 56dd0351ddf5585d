//! What a handler sees: the configuration and the bindings, as typed values.

use std::cell::RefCell;
use std::rc::Rc;

use oauth::grant::GrantId;
use platform::clock;
use platform::config::ConfigError;
use worker::Env;

use crate::config::Config;

/// The bindings and the configuration of one request.
pub(crate) struct App {
    /// The typed configuration, shared by all requests of the isolate.
    pub(crate) config: Rc<Config>,
    /// The platform's bindings; only `store/` asks it.
    pub(crate) env: Env,
    /// The network that the request comes from: who is counted as one where
    /// nobody is known.
    pub(crate) network: String,
    /// The address that it comes from, for the records.
    pub(crate) address: Option<String>,
    /// Grants and keys that the request has ended: see [`platform::portal::ENDED`].
    ended: RefCell<Vec<GrantId>>,
}

thread_local! {
    static CONFIG: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
}

impl App {
    /// Reads the configuration the first time, and when a root secret's time
    /// has come; keeps it for the isolate.
    pub(crate) fn new(
        env: Env,
        network: String,
        address: Option<String>,
    ) -> Result<Self, ConfigError> {
        let config = CONFIG.with_borrow_mut(|kept| match kept {
            Some(config) if config.secrets.holds(clock::now()) => Ok(Rc::clone(config)),
            _ => Config::read(&env).map(|config| Rc::clone(kept.insert(Rc::new(config)))),
        })?;
        Ok(Self {
            config,
            env,
            network,
            address,
            ended: RefCell::default(),
        })
    }

    /// The same for what comes from nobody: a message of a queue, or the clock.
    pub(crate) fn for_events(env: &Env) -> worker::Result<Self> {
        Self::new(env.clone(), String::new(), None)
            .map_err(|refused| worker::Error::RustError(refused.to_string()))
    }

    /// Notes that a grant or key was ended, so that the front Worker refuses it at once.
    pub(crate) fn note_end(&self, grant: GrantId) {
        self.ended.borrow_mut().push(grant);
    }

    /// The same of several.
    pub(crate) fn note_ends(&self, grants: Vec<GrantId>) {
        self.ended.borrow_mut().extend(grants);
    }

    /// What was noted.
    pub(crate) fn ended(&self) -> Vec<GrantId> {
        self.ended.take()
    }
}
