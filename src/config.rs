//! The configuration, read once per isolate into typed values.

use worker::Env;

/// What the variables of the deployment say.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Scheme, host and port people reach us by; no trailing slash.
    pub(crate) public_origin: String,
    /// The quota of each user.
    pub(crate) quota_burst: u32,
    /// Calls that come back to the bucket each minute.
    pub(crate) quota_per_minute: u32,
}

/// A variable that is missing or cannot be used.
#[derive(Debug)]
pub(crate) struct ConfigError {
    variable: &'static str,
    problem: &'static str,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.variable, self.problem)
    }
}

impl Config {
    /// Reads and checks every variable.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        let text = |variable: &'static str| {
            env.var(variable)
                .map(|value| value.to_string())
                .map_err(|_| ConfigError { variable, problem: "is missing" })
        };
        let number = |variable: &'static str| {
            text(variable)?
                .parse()
                .map_err(|_| ConfigError { variable, problem: "is not a number" })
        };
        Ok(Self {
            public_origin: text("PUBLIC_ORIGIN")?,
            quota_burst: number("QUOTA_BURST")?,
            quota_per_minute: number("QUOTA_PER_MINUTE")?,
        })
    }
}
