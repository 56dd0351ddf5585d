//! Whether a call may be made, and what its caller is told.

use jiff::Timestamp;
use mcp::reply::fault;
use mcp::{ErrorCode, ErrorData};
use quota::{LeaseHolder, Limit, RateLimitFields, Refused, Spent, Weight};
use serde_json::{Map, Value};
use worker::Result;

use super::wire::Given;

/// The error of a call beyond the limit: our own code, outside of JSON-RPC's
/// reserved range as checklist M-ERR-02 asks, after HTTP's status.
pub const TOO_MANY_CALLS: ErrorCode = ErrorCode(429);

/// Whether a call may be made.
#[derive(Debug)]
pub enum Admission {
    /// It may, and was deducted.
    Admitted(Spent),
    /// It may not.
    Refused(Refused),
}

impl Admission {
    /// What the account gave for one plain call, which was asked for at that time.
    pub fn of_one(given: Given, asked_at: Timestamp) -> Result<Self> {
        match given {
            Given::Lease(lease) => {
                let adopted = LeaseHolder::default().adopt(lease, asked_at, Weight::ONE);
                Ok(Self::Admitted(adopted.spent))
            }
            Given::Refused(refused) => Ok(Self::Refused(refused)),
            Given::Settled => Err(no_lease()),
        }
    }

    /// The response fields: those of the IETF draft, and `Retry-After` on a
    /// refusal that ends.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let (fields, wait) = match self {
            Self::Admitted(spent) => (RateLimitFields::from(spent), None),
            Self::Refused(refused) => (refused.into(), retry_after_s(refused)),
        };
        fields.of_response(wait)
    }
}

/// The error that says when to come back, with what the response fields say: on a stream
/// there are none.
pub fn too_many_calls(refused: &Refused) -> ErrorData {
    let wait = retry_after_s(refused);
    let too_many = match refused.standing.limit {
        Limit::Rate(_) => "too many calls",
        Limit::Concurrent => "too many calls at once",
    };
    let words = match wait {
        Some(wait) => format!("{too_many}: try again in {wait} s"),
        None => "this call is heavier than its limit: it is never admitted".to_owned(),
    };
    let fields = RateLimitFields::from(refused);
    let mut data = Map::new();
    if let Some(wait) = wait {
        data.insert("retryAfterSeconds".into(), wait.into());
    }
    data.insert("rateLimit".into(), fields.limit.into());
    data.insert("rateLimitPolicy".into(), fields.policy.into());
    ErrorData {
        data: Some(Value::Object(data)),
        ..fault(TOO_MANY_CALLS, words)
    }
}

pub(super) fn no_lease() -> worker::Error {
    worker::Error::RustError("the account gave no lease".into())
}

fn retry_after_s(refused: &Refused) -> Option<u64> {
    refused.retry_after.map(|wait| wait.as_secs())
}
