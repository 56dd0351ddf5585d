//! Who calls the endpoint: a user with a token or an API key, or anybody if the server is
//! public.

use http::Request;
use jiff::Timestamp;
use mcp::principal;
use mcp::via::Via;
use oauth::allowance::Allowance;
use oauth::grant::GrantId;
use platform::{credential, host, records};

use super::remembered;
use crate::app::App;
use crate::error::{Error, doing};
use crate::guard;

/// The caller of one request.
pub(super) struct Caller {
    /// What sessions and tools need to know.
    pub(super) principal: principal::Principal,
    /// What the token comes from, or the key's own; of nobody without either.
    pub(super) grant: Option<GrantId>,
    /// What the token allows.
    pub(super) allowance: Allowance,
    /// How the request came.
    pub(super) via: Via,
    /// When the caller's token ends.
    pub(super) expires: Timestamp,
    /// Whether it is a token, of which nothing has to be asked again.
    pub(super) has_token: bool,
    /// How often all was forgotten before this was decided.
    pub(super) forgotten: u64,
}

/// Who is asking, if they may use the endpoint at all (checklist G-03).
/// Without a token, that is everybody if each tool Worker says in its code that
/// it is public, and nobody otherwise.
pub(super) async fn admit(app: &App, head: &Request<()>) -> Result<Caller, Error> {
    if !credential::is_presented(head) {
        let asked = platform::tools::catalog(&app.env).await;
        let catalog = asked.map_err(doing("asking for the tools"))?;
        if catalog.is_public() {
            return Ok(Caller {
                principal: principal::Principal::anonymous(ledger(app)),
                grant: None,
                allowance: Allowance::default(),
                via: via(head, None),
                expires: Timestamp::MAX,
                has_token: false,
                forgotten: remembered::forgotten(),
            });
        }
    }
    let forgotten = remembered::forgotten();
    let caller = guard::authenticate(app, head, remembered::arrived(head)).await?;
    Ok(Caller {
        forgotten,
        expires: caller.expires,
        has_token: caller.is_of_token,
        via: via(head, Some(&caller)),
        grant: Some(caller.grant.clone()),
        allowance: caller.allowance.clone(),
        principal: known(caller),
    })
}

fn via(head: &Request<()>, caller: Option<&guard::Principal>) -> Via {
    let client = |caller: &guard::Principal| {
        records::client(&caller.client_id, caller.client_name.as_deref())
    };
    Via {
        client: caller.map(client),
        grant: caller.map(|caller| caller.grant.as_str().to_owned()),
        address: host::address(head.headers()).map(str::to_owned),
    }
}

/// The account of the caller's address. It carries no address in clear.
fn ledger(app: &App) -> String {
    let tag = app.config.keys.accounts.tag(&["address", &app.network]);
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
