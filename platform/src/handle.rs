//! How others ask the object of a state handle.

use std::rc::Rc;

use mcp::handle::Handle;
use mcp::principal::Principal;
use mcp::tool::Invocation;
use mcp::upstream::Lent;
use mcp::{RequestId, reply};
use serde::{Deserialize, Serialize};
use serde_json::json;
use worker::{AbortSignal, Env, Result};

use crate::object::{tell, tell_while};
use crate::tools::ToolAnswer;

/// The binding of these objects.
pub const HANDLES: &str = "HANDLES";
/// `POST` a [`HandleCall`]; answers as the tool does.
pub const CALL: &str = "/call";
/// `POST`, from the account that pays for it: the handle gives way to a newer
/// one; 204.
pub const GIVE_WAY: &str = "/give-way";

/// A call of a tool on the state of a handle.
#[derive(Debug, Serialize, Deserialize)]
pub struct HandleCall {
    /// The binding of the tool Worker.
    pub entry_worker: String,
    /// The family whose state it is.
    pub family: String,
    /// The handle, as the client knows it.
    pub handle: String,
    /// The name of its object.
    pub name: String,
    /// If the handle begins with this call, the account that pays for it.
    pub mints_for: Option<String>,
    /// Who calls, if the tool wants to know.
    pub principal: Option<Principal>,
    /// The session, likewise.
    pub session: Option<String>,
    /// What acts for the caller at their provider, if the tool may have it.
    pub upstream: Option<Lent>,
    /// The call.
    pub invocation: Rc<Invocation>,
}

/// Sends a call to the object of its handle.
pub async fn send(
    env: &Env,
    handle: &Handle,
    call: &HandleCall,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer> {
    let object = (HANDLES, handle.name());
    let answer = tell_while(env, object, CALL, call, left).await?;
    ToolAnswer::passed_on(answer).await
}

/// Ends a handle that has to give way, by the name of its object.
pub async fn give_way(env: &Env, name: &str) -> Result<()> {
    tell(env, (HANDLES, name), GIVE_WAY, &()).await.map(|_| ())
}

/// The answer for a handle that is unknown, expired or somebody else's: for
/// the model to see (M-STATE-02).
pub fn unknown() -> String {
    let words = "This handle does not exist or has expired. Get a new one and try again.";
    reply::result(
        &RequestId::Number(0),
        &json!({ "content": [{ "type": "text", "text": words }], "isError": true }),
    )
}
