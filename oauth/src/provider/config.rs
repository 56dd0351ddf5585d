//! Reading the `PROVIDERS` variable: a JSON list with one object for each.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::direct::{OWN_ACCOUNT, VOUCHED};
use crate::origin::{PublicOrigin, is_loopback};
use crate::secret::SecretHash;

/// Most providers of one deployment: what fits on a page.
pub const PROVIDERS_MAX: usize = 8;
/// Longest id of a provider, in characters.
const ID_CHARS_MAX: usize = 32;
/// Names the development login offers to pick from.
const SUGGESTED_MAX: usize = 8;
/// Below the public origin: the issuer of users of the development login.
pub const DEVELOPMENT_ISSUER_PATH: &str = "/dev";

/// A way to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name in URLs, tokens and our tables.
    pub id: String,
    /// What the button says.
    pub label: String,
    /// How it works.
    pub kind: ProviderKind,
}

/// How a provider works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderKind {
    /// One types a name and is that person: on a loopback origin only.
    Development {
        /// The issuer of its users.
        issuer: String,
        /// Names to pick from.
        suggested: Vec<String>,
    },
    /// GitHub or a GitHub Enterprise server: OAuth and an API.
    GitHub {
        /// Our client id there.
        client_id: String,
        /// The server people know; the issuer of its users.
        url: String,
        /// Its API.
        api_url: String,
    },
    /// An `OpenID` provider with discovery.
    OpenId {
        /// Our client id there.
        client_id: String,
        /// Its issuer.
        issuer: String,
        /// What we ask for.
        scopes: Vec<String>,
        /// Whether its button bears Google's mark.
        google: bool,
    },
}

impl Provider {
    /// The issuer of its users.
    pub fn issuer(&self) -> &str {
        match &self.kind {
            ProviderKind::Development { issuer, .. } | ProviderKind::OpenId { issuer, .. } => {
                issuer
            }
            ProviderKind::GitHub { url, .. } => url,
        }
    }
}

/// A list of providers that cannot be used; the text says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadProviders(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    id: Option<String>,
    name: Option<String>,
    client_id: Option<String>,
    issuer: Option<String>,
    url: Option<String>,
    api_url: Option<String>,
    scopes: Option<Vec<String>>,
    suggested: Option<Vec<String>>,
}

/// Reads the list.
pub fn read(text: &str, origin: &PublicOrigin) -> Result<Vec<Provider>, BadProviders> {
    let list: Vec<Value> = serde_json::from_str(text)
        .map_err(|error| BadProviders(format!("is not a JSON list: {error}")))?;
    if list.is_empty() || list.len() > PROVIDERS_MAX {
        return Err(BadProviders(format!(
            "needs 1 to {PROVIDERS_MAX} providers"
        )));
    }
    let mut providers: Vec<Provider> = Vec::new();
    for (number, entry) in (1..).zip(list) {
        let provider = if entry.is_object() {
            serde_json::from_value(entry)
        } else {
            Ok(None)
        };
        let provider = provider
            .map_err(|error| error.to_string())
            .and_then(|written: Option<Written>| written.ok_or_else(|| "is no object".to_owned()))
            .and_then(|written| written.checked(origin))
            .map_err(|why| BadProviders(format!("has a bad entry, number {number}: {why}")))?;
        if providers.iter().any(|known| known.id == provider.id) {
            return Err(BadProviders(format!("has the id {} twice", provider.id)));
        }
        providers.push(provider);
    }
    Ok(providers)
}

impl Written {
    fn checked(self, origin: &PublicOrigin) -> Result<Provider, String> {
        let id = self.id.clone().unwrap_or_else(|| self.kind.clone());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if id.is_empty() || id.len() > ID_CHARS_MAX || !id.bytes().all(plain) {
            return Err(format!(
                "the id {id:?} may have a-z, 0-9 and _, up to {ID_CHARS_MAX}"
            ));
        }
        // What else tools are told instead of a provider.
        if [OWN_ACCOUNT, VOUCHED].contains(&id.as_str()) {
            return Err(format!("the id {id:?} means something else here"));
        }
        let local = origin.is_loopback();
        let (label, kind) = match self.kind.as_str() {
            "dev" if !local => {
                return Err(String::from(
                    "the development login exists only where PUBLIC_ORIGIN is loopback",
                ));
            }
            "dev" => ("Development", self.development(origin)?),
            "github" => ("GitHub", self.github(local)?),
            "google" => (
                "Google",
                self.open_id(local, Some("https://accounts.google.com"))?,
            ),
            "oidc" => ("OpenID", self.open_id(local, None)?),
            other => {
                return Err(format!(
                    "the kind {other:?} is none of dev, github, google, oidc"
                ));
            }
        };
        let label = self.name.unwrap_or_else(|| label.to_owned());
        Ok(Provider { id, label, kind })
    }

    fn development(&self, origin: &PublicOrigin) -> Result<ProviderKind, String> {
        let suggested = self
            .suggested
            .clone()
            .unwrap_or_else(|| vec!["ada".into(), "grace".into()]);
        if suggested.len() > SUGGESTED_MAX {
            return Err(format!("suggested has more than {SUGGESTED_MAX} names"));
        }
        Ok(ProviderKind::Development {
            issuer: origin.url(DEVELOPMENT_ISSUER_PATH),
            suggested,
        })
    }

    fn github(&self, local: bool) -> Result<ProviderKind, String> {
        let url = self.url.as_deref().unwrap_or("https://github.com");
        let api_url = self.api_url.as_deref().unwrap_or("https://api.github.com");
        Ok(ProviderKind::GitHub {
            client_id: self.client_id()?,
            url: base(url, "url", local)?,
            api_url: base(api_url, "api_url", local)?,
        })
    }

    fn open_id(&self, local: bool, preset: Option<&str>) -> Result<ProviderKind, String> {
        let issuer = self
            .issuer
            .as_deref()
            .or(preset)
            .ok_or("issuer is missing")?;
        let scopes = self.scopes.clone();
        let scopes = scopes.unwrap_or_else(|| vec!["openid".into(), "profile".into()]);
        if !scopes.iter().any(|scope| scope == "openid") {
            return Err("scopes lacks openid".into());
        }
        base(issuer, "issuer", local)?;
        Ok(ProviderKind::OpenId {
            client_id: self.client_id()?,
            issuer: issuer.to_owned(), // Compared as text: never normalised.
            scopes,
            google: preset.is_some(),
        })
    }

    fn client_id(&self) -> Result<String, String> {
        let id = self.client_id.clone().filter(|id| !id.trim().is_empty());
        id.ok_or_else(|| "client_id is missing".to_owned())
    }
}

/// A URL that paths are added to, without a slash at its end.
fn base(text: &str, field: &str, local: bool) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| format!("{field} is no URL: {error}"))?;
    let secure = url.scheme() == "https";
    let loopback = url.scheme() == "http" && local && is_loopback(&url);
    if !secure && !loopback {
        return Err(format!(
            "{field} must be https (http only on loopback, where PUBLIC_ORIGIN is, too)"
        ));
    }
    let bare = url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "{field} must be a URL without query, fragment or credentials"
        ));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

impl Provider {
    /// The name of the Worker secret with our client secret there.
    pub fn secret_name(&self) -> String {
        format!("{}_CLIENT_SECRET", self.id.to_ascii_uppercase())
    }

    /// Where the provider sends people back to: a path for each, so that one
    /// provider's answer cannot pass for another's (RFC 9700 section 4.4.2.2).
    pub fn callback_path(&self) -> String {
        format!("/login/callback/{}", self.id)
    }

    /// A key for what is remembered of the provider: it changes with its
    /// configuration.
    pub fn fingerprint(&self) -> SecretHash {
        SecretHash::of(&format!("{self:?}"))
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
