//! Who calls the endpoint: a user with a token, or anybody if the server is
//! public.

use http::{Request, header};
use jiff::Timestamp;
use mcp::principal;
use oauth::grant::GrantId;
use oauth::scope::Scope;

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
    /// When the caller's token ends.
    pub(super) expires: Timestamp,
}

/// Bits of an IPv6 address that one caller can choose freely (RFC 4291, 2.5.4).
const IPV6_GROUPS: usize = 4;

/// Who is asking, if they may use the endpoint at all (checklist G-03, RS-06).
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
                expires: Timestamp::MAX,
            });
        }
    }
    let caller = guard::authenticate(app, head, clock::now())?;
    guard::allow(app, head, &caller, &[Scope::Mcp])?;
    Ok(Caller {
        expires: caller.expires,
        grant: Some(caller.grant.clone()),
        principal: known(caller),
    })
}

/// The account of the caller's address. It carries no address in clear.
fn ledger(app: &App, head: &Request<()>) -> String {
    let field = head.headers().get("cf-connecting-ip");
    let address = field
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let network = if address.contains(':') {
        let groups: Vec<_> = address.split(':').take(IPV6_GROUPS).collect();
        groups.join(":")
    } else {
        address.to_owned()
    };
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
        scopes: caller
            .scopes
            .to_string()
            .split(' ')
            .map(str::to_owned)
            .collect(),
    }
}
