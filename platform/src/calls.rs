//! How the calls of stateless clients are made by an object, where a policy says how many
//! may run at once.
//!
//! An isolate is another one each time that it begins, so nobody could tell whose the
//! permits of one that died were. The object of an account's calls stays the same: when
//! it begins anew, it says that what it held is free.

use std::rc::Rc;

use mcp::principal::Principal;
use mcp::tool::Invocation;
use quota::{Family, Refused};
use serde::{Deserialize, Serialize};
use worker::{AbortSignal, Env, Result};

use crate::json;
use crate::object::tell_while;
use crate::tools::ToolAnswer;

/// The binding of these objects; each has the name of its account's ledger.
pub const CALLS: &str = "CALLS";
/// `POST` a [`StatelessCall`]; answers as the tool does, or with [`REFUSED`] and a
/// [`Refused`], after the call stood in line for up to [`quota::PERMIT_WAIT_MAX`].
pub const CALL: &str = "/call";
/// The status of a call that may not start.
pub const REFUSED: u16 = 429;

/// A call of a stateless client.
#[derive(Debug, Serialize, Deserialize)]
pub struct StatelessCall {
    /// Who calls.
    pub principal: Principal,
    /// The family whose permits it needs.
    pub family: Family,
    /// What is called.
    pub invocation: Rc<Invocation>,
}

/// Has a call made once fewer run than may.
pub async fn send(
    env: &Env,
    call: &StatelessCall,
    left: Option<&AbortSignal>,
) -> Result<std::result::Result<ToolAnswer, Refused>> {
    let object = (CALLS, call.principal.ledger.as_str());
    let answer = tell_while(env, object, CALL, call, left).await?;
    if answer.status() == REFUSED {
        return Ok(Err(json::answered(answer).await?));
    }
    ToolAnswer::passed_on(answer).await.map(Ok)
}
