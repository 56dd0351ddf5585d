//! What a holder of leases does: spend its own, and ask the account for more.
//!
//! Session objects hold one for their user, and so does each front isolate
//! for each user whose stateless calls it serves.

use std::cell::RefCell;

use jiff::Timestamp;
use mcp::reply::fault;
use mcp::{ErrorCode, ErrorData};
use oauth::grant::GrantId;
use quota::{Lease, LeaseHolder, Policy, RateLimitFields, Refused, Spend, Unused};
use serde::{Deserialize, Serialize};
use serde_json::json;
use worker::{Env, Method, Request, RequestInit, Result};

use crate::account::ACCOUNTS;
use crate::{clock, json};

/// The error of a call beyond the limit: our own code, outside of JSON-RPC's
/// reserved range as checklist M-ERR-02 asks, after HTTP's status.
pub const TOO_MANY_CALLS: ErrorCode = ErrorCode(429);

/// What a holder says to the account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Calls of earlier leases that will not be spent.
    pub(crate) unused: Vec<Unused>,
    /// How many calls to take; none to only give back.
    pub(crate) want: Option<u32>,
    /// The grant under which they are wanted, where that is to be asked, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grant: Option<GrantId>,
}

/// What the account answers; null if the grant has ended.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Given {
    /// A lease.
    Lease(Lease),
    /// Nothing is left.
    Refused {
        /// For how long.
        refused: Refused,
        /// Under which policy.
        policy: Policy,
    },
    /// What was given back is settled.
    Settled,
}

/// Whether a call may be made.
#[derive(Debug)]
pub enum Admission {
    /// It may, and was deducted.
    Admitted(RateLimitFields),
    /// It may not.
    Refused {
        /// The fields that say so.
        fields: RateLimitFields,
        /// When to try again, in whole seconds.
        retry_after_s: u64,
    },
}

/// Spends one call of the user's quota, under the grant that the caller's token
/// comes from, if there is one; none if that has ended.
///
/// A holder is of one user and one grant. So whoever spends from a lease was asked
/// about when it was taken, which is not longer ago than it lives.
pub async fn admit(
    env: &Env,
    account: &str,
    holder: &RefCell<LeaseHolder>,
    grant: Option<&GrantId>,
) -> Result<Option<Admission>> {
    let asked_at = clock::now();
    let attempt = holder.borrow_mut().spend(asked_at);
    let (want, unused) = match attempt {
        Spend::Spent(spent) => return Ok(Some(Admission::Admitted(spent.into()))),
        Spend::NeedLease { want, unused } => (want, unused),
    };
    let asked = Asked {
        unused: unused.into_iter().collect(),
        want: Some(want),
        grant: grant.cloned(),
    };
    match ask(env, account, &asked).await? {
        Some(given) => adopt(env, account, holder, given, asked_at).await.map(Some),
        None => Ok(None),
    }
}

async fn adopt(
    env: &Env,
    account: &str,
    holder: &RefCell<LeaseHolder>,
    given: Given,
    asked_at: Timestamp,
) -> Result<Admission> {
    match given {
        Given::Lease(lease) => {
            let adopted = holder.borrow_mut().adopt(lease, asked_at);
            if let Some(surplus) = adopted.surplus {
                ask(
                    env,
                    account,
                    &Asked {
                        unused: vec![surplus],
                        want: None,
                        grant: None,
                    },
                )
                .await?;
            }
            Ok(Admission::Admitted(adopted.spent.into()))
        }
        Given::Refused { refused, policy } => Ok(Admission::refused(refused, policy)),
        Given::Settled => Err(no_lease()),
    }
}

async fn ask(env: &Env, account: &str, asked: &Asked) -> Result<Option<Given>> {
    let stub = env.durable_object(ACCOUNTS)?.get_by_name(account)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(serde_json::to_string(asked)?.into()));
    let request = Request::new_with_init("https://account/quota", &init)?;
    json::answered(stub.fetch_with_request(request).await?).await
}

impl Admission {
    /// What the account gave for one call, which was asked for at that time.
    pub(crate) fn of_one(given: Given, asked_at: Timestamp) -> Result<Self> {
        match given {
            Given::Lease(lease) => {
                let adopted = LeaseHolder::default().adopt(lease, asked_at);
                Ok(Self::Admitted(adopted.spent.into()))
            }
            Given::Refused { refused, policy } => Ok(Self::refused(refused, policy)),
            Given::Settled => Err(no_lease()),
        }
    }

    fn refused(refused: Refused, policy: Policy) -> Self {
        Self::Refused {
            fields: RateLimitFields::new(policy, 0, refused.retry_after),
            retry_after_s: refused.retry_after.as_secs(),
        }
    }

    /// The response fields: those of the IETF draft, and `Retry-After` on a
    /// refusal.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let (fields, wait) = match self {
            Self::Admitted(fields) => (fields, None),
            Self::Refused {
                fields,
                retry_after_s,
            } => (fields, Some(*retry_after_s)),
        };
        fields.of_response(wait)
    }
}

fn no_lease() -> worker::Error {
    worker::Error::RustError("the account gave no lease".into())
}

/// The error that says when to come back.
pub fn too_many_calls(retry_after_s: u64) -> ErrorData {
    let words = format!("too many calls: try again in {retry_after_s} s");
    let error = fault(TOO_MANY_CALLS, words);
    ErrorData {
        data: Some(json!({ "retryAfterSeconds": retry_after_s })),
        ..error
    }
}
