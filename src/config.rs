//! The configuration, read once per isolate into typed values.

use oauth::origin::{AllowedOrigins, PublicOrigin};
use oauth::secret::Rotation;
use platform::config::{AccessTokens, ConfigError, public_origin, secrets, switch};
use platform::variable::optional;
use worker::Env;

use crate::keys::Keys;

/// What the variables of the deployment say.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Scheme, host and port people reach us by.
    pub(crate) public_origin: PublicOrigin,
    /// Whose pages may use the MCP endpoint.
    pub(crate) allowed_origins: AllowedOrigins,
    /// Whether the deprecated transport HTTP+SSE is served (checklist S24).
    pub(crate) http_sse: bool,
    /// The root secrets as they stood when all this was read.
    pub(crate) secrets: Rotation,
    /// What is made from them.
    pub(crate) keys: Keys,
    /// What access tokens are checked against.
    pub(crate) access_tokens: AccessTokens,
}

impl Config {
    /// Reads and checks every variable.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        let public_origin = public_origin(env)?;
        let secrets = secrets(env)?;
        let allowed = optional(env, "ALLOWED_ORIGINS").unwrap_or_default();
        Ok(Self {
            allowed_origins: AllowedOrigins::parse(&allowed)
                .map_err(|_| ConfigError::new("ALLOWED_ORIGINS", "is not a list of origins"))?,
            http_sse: switch(env, "HTTP_SSE", true)?,
            keys: Keys::derived(&secrets.root),
            access_tokens: AccessTokens::read(env, &public_origin, &secrets)?,
            public_origin,
            secrets,
        })
    }
}
