//! How others ask the hubs, which know who listens to which change.

pub mod wire;

use mcp::principal::Principal;
use mcp::tool::Change;
use worker::durable::Stub;
use worker::{Env, Error, Method, Request, RequestInit, Result, WebSocket};

pub use wire::Wanted;
use wire::{HUBS, LISTEN, PAYER, PUBLISH, SUBSCRIBE, Subscriber, UNSUBSCRIBE, WANTED};

/// The hub of what everybody shares.
pub const SHARED: &str = "shared";
/// Tells everyone who listens what a call of this account changed.
pub async fn publish(env: &Env, account: &str, changes: &[Change]) -> Result<()> {
    for shared in [true, false] {
        let of_hub: Vec<&Change> = changes
            .iter()
            .filter(|change| change.is_shared() == shared)
            .collect();
        if of_hub.is_empty() {
            continue;
        }
        let body = serde_json::to_string(&of_hub)?;
        post(&hub(env, shared, account)?, PUBLISH, body).await?;
    }
    Ok(())
}

/// Has a session of this account be told of changes: those of all lists, and of
/// the resources it subscribes to. The account's own hub, which tells of
/// resources only, is asked if the session subscribes to some, or did.
pub async fn subscribe(
    env: &Env,
    account: &str,
    session: &str,
    uris: std::collections::BTreeSet<String>,
    resources: bool,
) -> Result<()> {
    let none = uris.is_empty();
    let subscriber = Subscriber {
        session: session.to_owned(),
        wanted: Wanted {
            tools: true,
            prompts: true,
            resources: true,
            uris,
        },
    };
    let body = serde_json::to_string(&subscriber)?;
    post(&hub(env, true, account)?, SUBSCRIBE, body.clone()).await?;
    match (resources, none) {
        (false, _) => Ok(()),
        (true, false) => post(&hub(env, false, account)?, SUBSCRIBE, body).await,
        (true, true) => {
            let body = serde_json::to_string(session)?;
            post(&hub(env, false, account)?, UNSUBSCRIBE, body).await
        }
    }
}

/// Has the hubs forget a session that has ended.
pub async fn unsubscribe(env: &Env, account: &str, session: &str) -> Result<()> {
    let body = serde_json::to_string(session)?;
    for shared in [true, false] {
        post(&hub(env, shared, account)?, UNSUBSCRIBE, body.clone()).await?;
    }
    Ok(())
}

/// Sockets over which the wanted changes come, each a JSON text. There is at least
/// one, also for whoever wants none: a hub knows how often a user listens.
pub async fn listen(env: &Env, who: &Principal, wanted: &Wanted) -> Result<Vec<WebSocket>> {
    let mut sockets = Vec::new();
    for shared in [true, false] {
        if !wanted.concerns(shared) {
            continue;
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Get);
        init.headers.set("upgrade", "websocket")?;
        init.headers.set(WANTED, &serde_json::to_string(wanted)?)?;
        init.headers.set(PAYER, &who.ledger)?;
        let request = Request::new_with_init(&format!("https://hub{LISTEN}"), &init)?;
        let response = hub(env, shared, &who.account)?
            .fetch_with_request(request)
            .await?;
        let socket = response.websocket();
        sockets.push(socket.ok_or_else(|| failed("a hub gave no socket"))?);
    }
    Ok(sockets)
}

fn hub(env: &Env, shared: bool, account: &str) -> Result<Stub> {
    let name = if shared {
        SHARED.to_owned()
    } else {
        format!("account/{account}")
    };
    env.durable_object(HUBS)?.get_by_name(&name)
}

async fn post(stub: &Stub, path: &str, body: String) -> Result<()> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.into()));
    let request = Request::new_with_init(&format!("https://hub{path}"), &init)?;
    let response = stub.fetch_with_request(request).await?;
    if response.status_code() == 204 {
        return Ok(());
    }
    Err(failed("a hub refused"))
}

fn failed(words: &str) -> Error {
    Error::RustError(words.to_owned())
}
