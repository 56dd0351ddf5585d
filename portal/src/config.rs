//! The configuration, read once per isolate into typed values.

use audit::{Audited, Retention};
use oauth::client::{Clients, DocumentRules};
use oauth::direct::Issuers;
use oauth::grant::Secret;
use oauth::login::CookieNames;
use oauth::origin::PublicOrigin;
use oauth::provider::Provider;
use oauth::redirect::RedirectRules;
use oauth::resource_server::ResourceServers;
use oauth::role::Admins;
use oauth::secret::Rotation;
use platform::config::{
    AccessTokens, ConfigError, public_origin, required, secrets, switch, within,
};
use platform::provider::{self, Configured};
use platform::variable::optional;
use quota::{Gate, Gates};
use worker::Env;

use crate::keys::Keys;

/// What the variables of the deployment say.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Scheme, host and port people reach us by.
    pub(crate) public_origin: PublicOrigin,
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
    /// Which records are kept.
    pub(crate) audited: Audited,
    /// And for how long.
    pub(crate) retention: Retention,
    /// What access tokens are made with.
    pub(crate) access_tokens: AccessTokens,
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
        let public_origin = public_origin(env)?;
        let secrets = secrets(env)?;
        let rules = RedirectRules::parse(&optional(env, "REDIRECT_SCHEMES").unwrap_or_default())
            .map_err(|bad| ConfigError::new("REDIRECT_SCHEMES", bad))?;
        let documents = documents(env, &public_origin)?;
        let clients = Clients::new(&secrets.root, rules, documents)
            .with_configured(&optional(env, "CLIENTS").unwrap_or_else(|| "[]".to_owned()))
            .map_err(|bad| ConfigError::new("CLIENTS", bad))?;
        let providers = provider::read(env, &public_origin)
            .map_err(|bad| ConfigError::new(bad.variable, bad.problem))?;
        Ok(Self {
            gates: gates(env)?,
            audited: audited(env)?,
            retention: Retention {
                audit_days: days(env, "AUDIT_DAYS", AUDIT_DAYS)?,
                usage_days: days(env, "USAGE_DAYS", USAGE_DAYS)?,
            },
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
            access_tokens: AccessTokens::read(env, &public_origin, &secrets)?,
            public_origin,
            secrets,
        })
    }
}

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

/// For how long records are kept, unless configured.
const AUDIT_DAYS: u32 = 365;
/// For how long usage is kept, unless configured: a year can be compared with the last.
const USAGE_DAYS: u32 = 800;
/// Longest time that can be configured: ten years.
const DAYS_MAX: u32 = 3_653;

fn audited(env: &Env) -> Result<Audited, ConfigError> {
    Ok(if switch(env, "AUDIT_CALLS", true)? {
        Audited::Everything
    } else {
        Audited::NoCalls
    })
}

fn days(env: &Env, variable: &'static str, default: u32) -> Result<u32, ConfigError> {
    let Some(said) = optional(env, variable) else {
        return Ok(default);
    };
    within(variable, &said, 1, DAYS_MAX)
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
