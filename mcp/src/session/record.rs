//! What a session is for: the one row that every session has.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::principal::Principal;
use crate::revision::Revision;

/// The facts that `initialize` fixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The object's name, over which event ids carry their MAC.
    pub name: String,
    /// The id as the client knows it.
    pub id: String,
    /// Who opened it; a refreshed token of the same user changes nothing.
    pub principal: Principal,
    /// The revision that was negotiated.
    pub revision: Revision,
    /// What the client said it can do.
    pub capabilities: Map<String, Value>,
    /// What the client calls itself.
    pub client: Value,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last used, to within [`crate::limits::SESSION_SEEN_STALE_MAX`].
    pub seen: Timestamp,
}
