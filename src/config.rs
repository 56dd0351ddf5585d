//! The configuration, read once per isolate into typed values.

use durable::keys;
use durable::limits::{self, PER_USER_MAX};
use durable::provider::{self, Configured, PUBLIC_ORIGIN};
use durable::variable::optional;
use jiff::SignedDuration;
use oauth::access::{Expected, KeySet};
use oauth::client::{Clients, DocumentRules};
use oauth::direct::Issuers;
use oauth::grant::Secret;
use oauth::login::CookieNames;
use oauth::origin::{AllowedOrigins, PublicOrigin};
use oauth::provider::Provider;
use oauth::redirect::RedirectRules;
use oauth::resource_server::ResourceServers;
use oauth::role::Admins;
use oauth::secret::Rotation;
use quota::{BURST_MAX, Gate, Gates, PER_MINUTE_MAX};
use worker::Env;

use crate::keys::Keys;

/// How long an access token lives unless configured: long enough for a burst
/// of work, short because what costs no call asks nobody whether it was revoked.
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
    /// Whether the deprecated transport HTTP+SSE is served (checklist S24).
    pub(crate) http_sse: bool,
    /// The root secrets as they stood when all this was read.
    pub(crate) secrets: Rotation,
    /// What is made from them.
    pub(crate) keys: Keys,
    /// What our cookies are called.
    pub(crate) cookies: CookieNames,
    /// The ways to log in, in the order they are offered.
    pub(crate) providers: Vec<Configured>,
    /// What the operator shows to ask for diagnostics; without it, nobody can.
    pub(crate) admin_token: Option<Secret>,
    /// Who may do everything.
    pub(crate) admins: Admins,
    /// Who may ask about tokens.
    pub(crate) resource_servers: ResourceServers,
    /// The providers that may vouch for users to clients.
    pub(crate) vouching: Issuers,
    /// What a network may ask for before anybody is known.
    pub(crate) gates: Gates,
    /// The keys of access tokens.
    pub(crate) token_keys: KeySet,
    /// What an access token must say to be for us.
    pub(crate) token_expected: Expected,
    /// How long an access token lives.
    pub(crate) access_token_life: SignedDuration,
}

/// A variable that is missing or cannot be used.
#[derive(Debug)]
pub(crate) struct ConfigError {
    variable: String,
    problem: String,
}

impl ConfigError {
    fn new(variable: impl Into<String>, problem: impl std::fmt::Display) -> Self {
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

impl Config {
    /// The provider of that id.
    pub(crate) fn provider(&self, id: &str) -> Option<&Configured> {
        self.providers
            .iter()
            .find(|configured| configured.provider.id == id)
    }

    /// Reads and checks every variable.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        let public_origin = PublicOrigin::parse(&required(env, PUBLIC_ORIGIN)?)
            .map_err(|bad| ConfigError::new(PUBLIC_ORIGIN, bad))?;
        let secrets = keys::read(env).map_err(|bad| ConfigError::new(bad.variable, bad.problem))?;
        let life = optional(env, "ACCESS_TOKEN_SECONDS")
            .map_or(Ok(ACCESS_TOKEN_SECONDS), |text| {
                within("ACCESS_TOKEN_SECONDS", &text, 1, ACCESS_TOKEN_SECONDS_MAX)
            })?;
        let rules = RedirectRules::parse(&optional(env, "REDIRECT_SCHEMES").unwrap_or_default())
            .map_err(|bad| ConfigError::new("REDIRECT_SCHEMES", bad))?;
        let allowed = optional(env, "ALLOWED_ORIGINS").unwrap_or_default();
        // The objects use these; here they are only checked, so that
        // a wrong one is told at once.
        for (variable, max) in [
            ("QUOTA_BURST", BURST_MAX),
            ("QUOTA_PER_MINUTE", PER_MINUTE_MAX),
        ] {
            within(variable, &required(env, variable)?, 1, max)?;
        }
        for limit in limits::ALL {
            let said = optional(env, limit.variable);
            if limit.read(said.as_deref()).is_none() {
                let problem = format!("is not a number from 1 to {PER_USER_MAX}");
                return Err(ConfigError::new(limit.variable, problem));
            }
        }
        // So do the sessions' objects.
        for (variable, min, max) in KEPT {
            if let Some(text) = optional(env, variable) {
                within(variable, &text, min, max)?;
            }
        }
        let documents = documents(env, &public_origin)?;
        let clients = Clients::new(&secrets.root, rules, documents)
            .with_configured(&optional(env, "CLIENTS").unwrap_or_else(|| "[]".to_owned()))
            .map_err(|bad| ConfigError::new("CLIENTS", bad))?;
        let providers = provider::read(env, &public_origin)
            .map_err(|bad| ConfigError::new(bad.variable, bad.problem))?;
        Ok(Self {
            allowed_origins: AllowedOrigins::parse(&allowed)
                .map_err(|_| ConfigError::new("ALLOWED_ORIGINS", "is not a list of origins"))?,
            http_sse: switch(env, "HTTP_SSE", true)?,
            gates: gates(env)?,
            keys: Keys::derived(&secrets.root, clients),
            cookies: CookieNames::at(&public_origin),
            admin_token: admin_token(env)?,
            resource_servers: optional(env, "RESOURCE_SERVERS")
                .map_or_else(
                    || Ok(ResourceServers::default()),
                    |text| ResourceServers::read(&text),
                )
                .map_err(|bad| ConfigError::new("RESOURCE_SERVERS", bad))?,
            vouching: Issuers::parse(
                &optional(env, "ID_JAG_ISSUERS").unwrap_or_default(),
                &public_origin,
            )
            .map_err(|bad| ConfigError::new("ID_JAG_ISSUERS", bad))?,
            admins: admins(env, &providers)?,
            providers,
            token_keys: KeySet::derived(&secrets.root)
                .map_err(|error| ConfigError::new(keys::ROOT_SECRET, error))?,
            token_expected: Expected {
                issuer: public_origin.as_str().to_owned(),
                resources: public_origin.resources(),
            },
            access_token_life: SignedDuration::from_secs(life.into()),
            public_origin,
            secrets,
        })
    }
}

/// What sessions keep for clients that come back, and what may be configured:
/// the whole log is listed whenever an object wakes, an event may take nearly
/// 2 MB, and nothing is kept longer than a month.
const KEPT: [(&str, u32, u32); 3] = [
    ("EVENTS_KEPT", 1, 10_000),
    ("EVENT_BYTES_KEPT", 65_536, 256 * 1024 * 1024),
    ("EVENTS_KEPT_SECONDS", 60, 30 * 24 * 60 * 60),
];

/// Shortest token of the operator, in characters: 128 bits in hexadecimal.
const ADMIN_TOKEN_CHARS_MIN: usize = 32;

fn admin_token(env: &Env) -> Result<Option<Secret>, ConfigError> {
    match optional(env, "ADMIN_TOKEN") {
        Some(token) if token.len() < ADMIN_TOKEN_CHARS_MIN => Err(ConfigError::new(
            "ADMIN_TOKEN",
            format!("has fewer than {ADMIN_TOKEN_CHARS_MIN} characters"),
        )),
        token => Ok(token.map(Secret)),
    }
}

/// Reads what each gate lets through. One that is not off has its binding: a server
/// whose gates stand open unnoticed is not the one that was configured.
fn gates(env: &Env) -> Result<Gates, ConfigError> {
    let mut gates = Gates::default();
    for gate in Gate::ALL {
        let said = required(env, gate.variable())?;
        gates
            .set(gate, &said)
            .map_err(|bad| ConfigError::new(gate.variable(), bad))?;
        if gates.closed(gate).is_some() && env.rate_limiter(gate.binding()).is_err() {
            let problem = "is missing: it is a binding of [[ratelimits]]";
            return Err(ConfigError::new(gate.binding(), problem));
        }
    }
    Ok(gates)
}

/// Reads who may do everything.
fn admins(env: &Env, providers: &[Configured]) -> Result<Admins, ConfigError> {
    const VARIABLE: &str = "ADMINS";
    let Some(text) = optional(env, VARIABLE) else {
        return Ok(Admins::default());
    };
    let known: Vec<Provider> = providers.iter().map(|it| it.provider.clone()).collect();
    Admins::read(&text, &known).map_err(|bad| ConfigError::new(VARIABLE, bad))
}

/// Which URLs may be those of clients' documents.
fn documents(env: &Env, origin: &PublicOrigin) -> Result<DocumentRules, ConfigError> {
    const VARIABLE: &str = "LOOPBACK_CLIENT_DOCUMENTS";
    let rules = DocumentRules::new(origin.clone());
    if !switch(env, VARIABLE, false)? {
        return Ok(rules);
    }
    rules
        .with_loopback()
        .map_err(|bad| ConfigError::new(VARIABLE, bad))
}

fn required(env: &Env, variable: &str) -> Result<String, ConfigError> {
    optional(env, variable).ok_or_else(|| ConfigError::new(variable, "is missing"))
}

/// A switch, which stands as it says unless it is turned.
fn switch(env: &Env, variable: &str, unless: bool) -> Result<bool, ConfigError> {
    match optional(env, variable).as_deref().map(str::trim) {
        None => Ok(unless),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => Err(ConfigError::new(variable, "is neither on nor off")),
    }
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
