//! Reading variables into typed values, and what every Worker that answers HTTP
//! needs of them.

use jiff::SignedDuration;
use oauth::access::{Expected, KeySet};
use oauth::origin::PublicOrigin;
use oauth::secret::Rotation;
use worker::Env;

use crate::keys;
use crate::provider::PUBLIC_ORIGIN;
use crate::variable::optional;

/// How long an access token lives unless configured: long enough for a burst
/// of work, short because what costs no call asks nobody whether it was revoked.
const ACCESS_TOKEN_SECONDS: u32 = 900;
/// The longest life that may be configured for an access token, in seconds.
const ACCESS_TOKEN_SECONDS_MAX: u32 = 24 * 60 * 60;

/// A variable that is missing or cannot be used.
#[derive(Debug)]
pub struct ConfigError {
    variable: String,
    problem: String,
}

impl ConfigError {
    /// It, and what is wrong with it.
    pub fn new(variable: impl Into<String>, problem: impl std::fmt::Display) -> Self {
        Self {
            variable: variable.into(),
            problem: format!("{problem}"),
        }
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.variable, self.problem)
    }
}

/// What access tokens are made with, and checked against.
#[derive(Debug, Clone)]
pub struct AccessTokens {
    /// The keys.
    pub keys: KeySet,
    /// What one must say to be for us.
    pub expected: Expected,
    /// How long one lives.
    pub life: SignedDuration,
}

impl AccessTokens {
    /// Reads and checks what they need.
    pub fn read(
        env: &Env,
        public_origin: &PublicOrigin,
        secrets: &Rotation,
    ) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "ACCESS_TOKEN_SECONDS";
        let life = optional(env, VARIABLE).map_or(Ok(ACCESS_TOKEN_SECONDS), |text| {
            within(VARIABLE, &text, 1, ACCESS_TOKEN_SECONDS_MAX)
        })?;
        Ok(Self {
            keys: KeySet::derived(&secrets.root)
                .map_err(|error| ConfigError::new(keys::ROOT_SECRET, error))?,
            expected: Expected {
                issuer: public_origin.as_str().to_owned(),
                resources: public_origin.resources(),
            },
            life: SignedDuration::from_secs(life.into()),
        })
    }
}

/// The origin that people reach us by.
pub fn public_origin(env: &Env) -> Result<PublicOrigin, ConfigError> {
    PublicOrigin::parse(&required(env, PUBLIC_ORIGIN)?)
        .map_err(|bad| ConfigError::new(PUBLIC_ORIGIN, bad))
}

/// The root secrets.
pub fn secrets(env: &Env) -> Result<Rotation, ConfigError> {
    keys::read(env).map_err(|bad| ConfigError::new(bad.variable, bad.problem))
}

/// A variable that there has to be.
pub fn required(env: &Env, variable: &str) -> Result<String, ConfigError> {
    optional(env, variable).ok_or_else(|| ConfigError::new(variable, "is missing"))
}

/// A switch, which stands as it says unless it is turned.
pub fn switch(env: &Env, variable: &str, unless: bool) -> Result<bool, ConfigError> {
    match optional(env, variable).as_deref().map(str::trim) {
        None => Ok(unless),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => Err(ConfigError::new(variable, "is neither on nor off")),
    }
}

/// A number within bounds.
pub fn within(variable: &str, text: &str, min: u32, max: u32) -> Result<u32, ConfigError> {
    match text.trim().parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        _ => Err(ConfigError::new(
            variable,
            format!("is not a number from {min} to {max}"),
        )),
    }
}
