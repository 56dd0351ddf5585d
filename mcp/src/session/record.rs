//! What a session is for: what it begins with, and the first row that it stores.

use std::collections::BTreeSet;
use std::rc::Rc;

use jiff::Timestamp;
use rmcp::model::{ErrorCode, ErrorData};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::http_sse::{Connection, Transport};
use crate::limits::INITIALIZE_BYTES_MAX;
use crate::log_level::LogLevel;
use crate::principal::Principal;
use crate::reply::fault;
use crate::revision::Revision;
use crate::session_id::SessionId;
use crate::tool::catalog::Features;

/// The facts that `initialize` fixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The object's name, over which event ids carry their MAC.
    pub name: String,
    /// The id as the client knows it.
    pub id: String,
    /// Who opened it; a refreshed token of the same user changes nothing.
    pub principal: Rc<Principal>,
    /// The revision that was negotiated.
    pub revision: Revision,
    /// What the client said it can do.
    pub capabilities: Map<String, Value>,
    /// What the client calls itself.
    pub client: Value,
    /// What the client was told is served, for the whole session (L-INIT-05).
    #[serde(default)]
    pub features: Features,
    /// How severe a log message must be to be sent.
    pub log_level: LogLevel,
    /// The resources whose changes the client wants to know.
    pub subscriptions: BTreeSet<String>,
    /// Whether the session has asked to be told of changes. Its object takes
    /// that back when the asking failed, so that it is asked for again.
    pub listens: bool,
    /// How the client is reached; rows of before there were two have none.
    #[serde(default)]
    pub transport: Transport,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last used, to within [`crate::limits::SESSION_SEEN_STALE_MAX`].
    pub seen: Timestamp,
}

impl Record {
    /// A session that begins now.
    pub fn new(
        id: &SessionId,
        principal: impl Into<Rc<Principal>>,
        asked: Initialize,
        features: Features,
        now: Timestamp,
    ) -> Self {
        Self {
            name: id.name().to_owned(),
            id: id.as_str().to_owned(),
            principal: principal.into(),
            revision: Revision::negotiate(&asked.protocol_version),
            capabilities: asked.capabilities,
            client: Value::Object(asked.client_info),
            features,
            log_level: LogLevel::SESSION_DEFAULT,
            subscriptions: BTreeSet::new(),
            listens: false,
            transport: Transport::StreamableHttp,
            opened: now,
            seen: now,
        }
    }

    /// A session over HTTP+SSE that begins now: nobody is attached to it yet,
    /// and its client has not said what it can do (S24-01, S24-05).
    pub fn http_sse(
        id: &SessionId,
        principal: impl Into<Rc<Principal>>,
        features: Features,
        now: Timestamp,
    ) -> Self {
        let unsaid = Initialize {
            protocol_version: Revision::V20241105.as_str().to_owned(),
            capabilities: Map::new(),
            client_info: Map::new(),
        };
        Self {
            revision: Revision::V20241105,
            transport: Transport::HttpSse(Connection {
                initialized: false,
                detached: Some(now),
            }),
            ..Self::new(id, principal, unsaid, features, now)
        }
    }
}

/// The params of `initialize` (L-INIT-01).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialize {
    /// The revision the client asks for.
    pub protocol_version: String,
    /// What the client can do.
    pub capabilities: Map<String, Value>,
    /// What the client calls itself.
    pub client_info: Map<String, Value>,
}

impl Initialize {
    /// Reads the params of `initialize`; the error is for the client.
    pub fn read(params: Option<&RawValue>) -> Result<Self, ErrorData> {
        let refuse = |words: String| Err(fault(ErrorCode::INVALID_PARAMS, words));
        let text = params.map_or("{}", RawValue::get);
        if text.len() > INITIALIZE_BYTES_MAX {
            let words = format!("the params of initialize exceed {INITIALIZE_BYTES_MAX} bytes");
            return refuse(words);
        }
        serde_json::from_str(text)
            .or_else(|error| refuse(format!("the params of initialize cannot be read: {error}")))
    }
}
