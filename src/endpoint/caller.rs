//! Who calls the endpoint: a user with a token, or anybody if the server is
//! public.

use std::net::IpAddr;

use http::{Request, header};
use jiff::Timestamp;
use mcp::principal;
use oauth::allowance::Allowance;
use oauth::grant::GrantId;

use crate::app::App;
use crate::clock;
use crate::error::{Error, doing};
use crate::guard;

/// The caller of one request.
pub(super) struct Caller {
    /// What sessions and tools need to know.
    pub(super) principal: principal::Principal,
    /// What the token comes from; of nobody without a token.
    pub(super) grant: Option<GrantId>,
    /// What the token allows.
    pub(super) allowance: Allowance,
    /// When the caller's token ends.
    pub(super) expires: Timestamp,
}

/// Who is asking, if they may use the endpoint at all (checklist G-03).
/// Without a token, that is everybody if each tool Worker says in its code that
/// it is public, and nobody otherwise.
pub(super) async fn admit(app: &App, head: &Request<()>) -> Result<Caller, Error> {
    if !head.headers().contains_key(header::AUTHORIZATION) {
        let asked = durable::tools::catalog(&app.env).await;
        let catalog = asked.map_err(doing("asking for the tools"))?;
        if catalog.is_public() {
            return Ok(Caller {
                principal: principal::Principal::anonymous(ledger(app, head)),
                grant: None,
                allowance: Allowance::default(),
                expires: Timestamp::MAX,
            });
        }
    }
    let caller = guard::authenticate(app, head, clock::now())?;
    Ok(Caller {
        expires: caller.expires,
        grant: Some(caller.grant.clone()),
        allowance: caller.allowance.clone(),
        principal: known(caller),
    })
}

/// The account of the caller's address. It carries no address in clear.
fn ledger(app: &App, head: &Request<()>) -> String {
    let field = head.headers().get("cf-connecting-ip");
    let address = field
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let network = network(address);
    let tag = app.config.keys.accounts.tag(&["address", &network]);
    format!("{}/{tag}", principal::ANONYMOUS)
}

/// What sessions and tools need to know of a user.
fn known(caller: guard::Principal) -> principal::Principal {
    principal::Principal {
        account: caller.account.as_str().to_owned(),
        ledger: caller.account.as_str().to_owned(),
        provider: caller.provider,
        issuer: caller.issuer,
        subject: caller.subject,
        client: caller.client_name.unwrap_or(caller.client_id),
        scopes: caller.allowance.scopes.names(),
    }
}

/// What of an address its owner cannot choose freely: of IPv6 the first 64 bits
/// (RFC 4291, section 2.5.4).
fn network(address: &str) -> String {
    match address.trim().parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        Ok(IpAddr::V6(address)) => address
            .to_ipv4_mapped()
            .map_or_else(String::new, |address| address.to_string()),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_are_one_caller() {
        for (address, known) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8::a:b:c:d", "2001:db8:0:0"),
            ("2001:db8:0:0:1:2:3:4", "2001:db8:0:0"),
            ("2001:db8:0:1::1", "2001:db8:0:1"),
            ("", ""),
            ("unknown", ""),
        ] {
            assert_eq!(network(address), known, "{address}");
        }
    }
}
