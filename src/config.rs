//! The configuration, read once per isolate into typed values.

use jiff::SignedDuration;
use oauth::access::{Expected, KeySet};
use oauth::origin::{AllowedOrigins, PublicOrigin};
use oauth::secret::RootSecret;
use worker::Env;

/// How long an access token lives unless configured: long enough for a burst
/// of work, short because it cannot be called back.
const ACCESS_TOKEN_SECONDS: u32 = 900;
/// The longest life that may be configured for an access token, in seconds.
const ACCESS_TOKEN_SECONDS_MAX: u32 = 24 * 60 * 60;

/// What the variables of the deployment say.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Scheme, host and port people reach us by.
    pub(crate) public_origin: PublicOrigin,
    /// Whose pages may use the MCP endpoint.
    pub(crate) allowed_origins: AllowedOrigins,
    /// What every key is derived from.
    pub(crate) secret: RootSecret,
    /// The keys of access tokens.
    pub(crate) token_keys: KeySet,
    /// What an access token must say to be for us.
    pub(crate) token_expected: Expected,
    /// How long an access token lives.
    pub(crate) access_token_life: SignedDuration,
    /// The quota of each user.
    pub(crate) quota_burst: u32,
    /// Calls that come back to the bucket each minute.
    pub(crate) quota_per_minute: u32,
}

/// A variable that is missing or cannot be used.
#[derive(Debug)]
pub(crate) struct ConfigError {
    variable: String,
    problem: String,
}

impl ConfigError {
    fn new(variable: impl Into<String>, problem: impl ToString) -> Self {
        Self {
            variable: variable.into(),
            problem: problem.to_string(),
        }
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.variable, self.problem)
    }
}

impl Config {
    /// Reads and checks every variable.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        let public_origin = PublicOrigin::parse(&required(env, "PUBLIC_ORIGIN")?)
            .map_err(|bad| ConfigError::new("PUBLIC_ORIGIN", bad))?;
        let secret = RootSecret::parse(&required(env, "SESSILE_SECRET")?)
            .map_err(|weak| ConfigError::new("SESSILE_SECRET", weak))?;
        let life = optional(env, "ACCESS_TOKEN_SECONDS")
            .map_or(Ok(ACCESS_TOKEN_SECONDS), |text| {
                within("ACCESS_TOKEN_SECONDS", &text, 1, ACCESS_TOKEN_SECONDS_MAX)
            })?;
        Ok(Self {
            allowed_origins: AllowedOrigins::parse(
                &optional(env, "ALLOWED_ORIGINS").unwrap_or_default(),
            )
            .map_err(|_| ConfigError::new("ALLOWED_ORIGINS", "is not a list of origins"))?,
            token_keys: KeySet::derived(&secret)
                .map_err(|error| ConfigError::new("SESSILE_SECRET", error))?,
            token_expected: Expected {
                issuer: public_origin.as_str().to_owned(),
                resources: public_origin.resources(),
            },
            access_token_life: SignedDuration::from_secs(life.into()),
            quota_burst: number(env, "QUOTA_BURST")?,
            quota_per_minute: number(env, "QUOTA_PER_MINUTE")?,
            public_origin,
            secret,
        })
    }
}

/// A variable or secret that may be missing; an empty one counts as missing.
fn optional(env: &Env, variable: &str) -> Option<String> {
    let value = env.var(variable).map(|value| value.to_string()).ok()?;
    (!value.trim().is_empty()).then_some(value)
}

fn required(env: &Env, variable: &str) -> Result<String, ConfigError> {
    optional(env, variable).ok_or_else(|| ConfigError::new(variable, "is missing"))
}

fn number(env: &Env, variable: &str) -> Result<u32, ConfigError> {
    within(variable, &required(env, variable)?, 1, u32::MAX)
}

fn within(variable: &str, text: &str, min: u32, max: u32) -> Result<u32, ConfigError> {
    match text.trim().parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        _ => Err(ConfigError::new(
            variable,
            format!("is not a number from {min} to {max}"),
        )),
    }
}
