//! Tokens that no person is asked for: a client logs in by itself (RFC 6749
//! section 4.4, checklist AS-20), or a provider vouches for a user to it (RFC 7523
//! section 2.1, checklist AS-21).
//!
//! There is no refresh token: the client asks again.

mod id_jag;

pub use id_jag::{
    BadIssuers, Expected, ID_JAG_CHARS_MAX, ID_JAG_LIFE_MAX, ID_JAG_PROFILE, ISSUERS_MAX, Issuers,
    JWT_BEARER, VouchRefusal, Vouched, check,
};

use crate::client::{Clients, Named, Proof};
use crate::dpop::KeyThumbprint;
use crate::form::Parameters;
use crate::grant::{GrantRefusal, Terms};
use crate::identity::Identity;
use crate::origin::PublicOrigin;
use crate::role::{Assigned, Bound};
use crate::scope::{Scope, Scopes};
use crate::sender::{Assertion, Sender};
use crate::token::TokenError;

/// The `grant_type` of a client that logs in by itself.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// The provider and issuer of clients' own accounts. It is no URL, as those of
/// people's providers are, so that no user can have such an account.
const CLIENTS: (&str, &str) = (OWN_ACCOUNT, "urn:sessile:client");
/// What stands for the provider of a client's own account.
pub const OWN_ACCOUNT: &str = "client";
/// What stands for a provider that vouches for users, and nobody logs in with.
pub const VOUCHED: &str = "id_jag";

/// A request of a client that has yet to prove itself, or has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectRequest {
    /// Its id.
    pub client_id: String,
    /// What it is called.
    pub client_name: Option<String>,
    /// What it proves itself with, if that is to be checked.
    pub assertion: Option<Assertion>,
    authenticated: bool,
    resource: Option<String>,
    /// What it may have, whoever vouches; none where that is for the provider to
    /// say.
    scopes: Option<Scopes>,
    /// What it asks for of that.
    asked: Option<String>,
    /// What a provider says; none if the client is here for itself.
    pub vouched: Option<Unchecked>,
}

/// What a provider is said to say.
#[derive(Clone, PartialEq, Eq)]
pub struct Unchecked {
    /// The trusted provider.
    pub issuer: String,
    /// The JWT, as it was sent.
    pub text: String,
}

impl std::fmt::Debug for Unchecked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unchecked({}, redacted)", self.issuer)
    }
}

/// Reads a request; `key` is what the client has shown a proof of possession by.
pub fn read(
    sent: &Parameters,
    (clients, issuers): (&Clients, &Issuers),
    public: &PublicOrigin,
    key: Option<&KeyThumbprint>,
) -> Result<DirectRequest, TokenError> {
    match sent.repeated() {
        Some("resource") => return Err(TokenError::Target), // We have one.
        Some(_) => return Err(TokenError::Repeated),
        None => {}
    }
    let Sender {
        client_id,
        client_name,
        assertion,
        authenticated,
    } = Sender::read(sent, clients)?;
    let is_vouching = sent.get("grant_type") == Some(JWT_BEARER);
    if is_vouching && issuers.is_empty() {
        return Err(TokenError::GrantType);
    }
    let (scopes, dpop_bound) = match clients.named(&client_id) {
        Ok(Named::Configured(client))
            if (is_vouching && client.vouched) || (!is_vouching && client.by_itself) =>
        {
            (Some(client.scopes), client.client.dpop_bound)
        }
        // That one of a document has keys is found out when it proves itself.
        Ok(Named::Document(_)) if is_vouching && assertion.is_some() => (None, false),
        _ => return Err(TokenError::Unauthorized),
    };
    if dpop_bound && key.is_none() {
        return Err(TokenError::Refused(GrantRefusal::NoProof));
    }
    let vouched = if is_vouching {
        let text = sent
            .get("assertion")
            .ok_or(TokenError::Missing("assertion"))?;
        let issuer = issuers.claimed(text).ok_or(VouchRefusal::Issuer)?;
        Some(Unchecked {
            issuer: issuer.to_owned(),
            text: text.to_owned(),
        })
    } else {
        None
    };
    let resource = match sent.get("resource") {
        Some(named) => Some(public.resource_named(named).ok_or(TokenError::Target)?),
        None => None,
    };
    Ok(DirectRequest {
        client_id,
        client_name,
        assertion,
        authenticated,
        resource,
        scopes,
        asked: sent.get("scope").map(str::to_owned),
        vouched,
    })
}

impl DirectRequest {
    /// The request of a client that proved itself with an assertion.
    #[must_use]
    pub fn proved(mut self, _by: &Proof) -> Self {
        self.authenticated = true;
        self
    }

    /// Whether the client has proved that it is who it says, without which
    /// nothing else of the request counts.
    pub fn is_proved(&self) -> Result<(), TokenError> {
        if self.authenticated {
            Ok(())
        } else {
            Err(TokenError::Refused(GrantRefusal::Unauthenticated))
        }
    }

    /// What is granted to the client itself.
    pub fn own_terms(&self, public: &PublicOrigin) -> Result<Terms, TokenError> {
        let (provider, issuer) = CLIENTS;
        let name = self.client_name.as_deref();
        let identity = Identity::new(provider, issuer, &self.client_id, name);
        let identity = identity.map_err(|_| TokenError::UnknownClient)?;
        let resource = self.resource.clone().unwrap_or_else(|| public.resource());
        self.terms(identity, resource, None)
    }

    /// How far the client's own account goes: as far as the configuration says.
    pub fn own_bound(&self) -> Bound {
        let scopes = self.scopes.iter().flat_map(Scopes::beyond_baseline);
        let names: Vec<&str> = scopes.map(Scope::as_str).collect();
        Bound::of(&[Assigned {
            role: CLIENTS.0.to_owned(),
            permissions: Some(names.join(" ")),
        }])
    }

    /// What is granted to the client for the user that was vouched for; `provider` is
    /// what we call who did.
    pub fn vouched_terms(&self, provider: &str, vouched: &Vouched) -> Result<Terms, TokenError> {
        let issuer = self.vouched.as_ref().map(|said| said.issuer.as_str());
        let issuer = issuer.ok_or(VouchRefusal::Issuer)?;
        let identity = Identity::new(provider, issuer, &vouched.subject, None);
        let identity = identity.map_err(|_| VouchRefusal::Subject)?;
        let named = self.resource.as_ref();
        if named.is_some_and(|named| *named != vouched.resource) {
            return Err(TokenError::Target);
        }
        self.terms(identity, vouched.resource.clone(), vouched.scope.as_deref())
    }

    /// `bound`: the scopes that somebody else allows, if that is said.
    fn terms(
        &self,
        identity: Identity,
        resource: String,
        bound: Option<&str>,
    ) -> Result<Terms, TokenError> {
        self.is_proved()?;
        let bound = bound.map(|text| Scopes::read(Some(text))).transpose();
        let scopes = bound.and_then(|bound| {
            let most = match (&self.scopes, bound) {
                (Some(scopes), Some(bound)) => scopes.only(|scope| bound.contains(scope)),
                (Some(scopes), None) => scopes.clone(),
                (None, bound) => bound.unwrap_or_default(),
            };
            most.narrowed(self.asked.as_deref())
        });
        Ok(Terms {
            client_id: self.client_id.clone(),
            confidential: true,
            key: None,
            dpop_bound: false,
            key_since: 0,
            resource,
            scopes: scopes.map_err(|_| GrantRefusal::WiderScope)?,
            identity,
        })
    }
}

#[cfg(test)]
mod tests;
