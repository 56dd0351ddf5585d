//! What the token of a message says, as the front Worker read it. The token of the
//! request decides, not the one that the session was opened with (checklist RS-11).

use http::HeaderMap;
use mcp::tool::Target;
use mcp::tool::catalog::Entry;
use mcp::via::Via;
use oauth::allowance::{Allowance, Judgement};
use oauth::grant::GrantId;
use worker::Result;

use super::wire;

/// The caller of one message.
#[derive(Debug)]
pub(super) struct Presented {
    /// The grant that the token comes from; none without a token.
    pub(super) grant: Option<GrantId>,
    /// What it allows.
    pub(super) allowance: Allowance,
    /// How the message came.
    pub(super) via: Via,
}

/// What is said of a request before anything happens.
#[derive(Debug)]
pub(super) enum Judged {
    /// It goes on.
    Allowed,
    /// The token lacks this permission (checklist RS-06).
    Lacks(String, Target),
    /// For this user there is no such thing.
    Unknown(Target),
}

impl Presented {
    /// Reads the fields of a message.
    pub(super) fn read(fields: &HeaderMap) -> Result<Self> {
        let text = |name| fields.get(name).and_then(|value| value.to_str().ok());
        let allowance = text(wire::ALLOWANCE);
        let grant = text(wire::GRANT).map(str::to_owned);
        let via = text(wire::VIA);
        Ok(Self {
            via: Via {
                grant: grant.clone(),
                ..via.map(Via::read).unwrap_or_default()
            },
            grant: grant.map(GrantId::trusted),
            allowance: match allowance {
                Some(text) => serde_json::from_str(text)?,
                None => Allowance::default(),
            },
        })
    }
}

impl Judged {
    /// Judges a request by what it is about, if there is such a thing.
    pub(super) fn of(about: Option<(&Target, &Entry)>, allowance: &Allowance) -> Self {
        let needed = about.and_then(|(target, entry)| {
            let permission = entry.contract.permission.as_ref()?;
            Some((target, permission.as_str()))
        });
        let Some((target, permission)) = needed else {
            return Self::Allowed;
        };
        match allowance.judge(permission) {
            Judgement::Allowed => Self::Allowed,
            Judgement::Insufficient => Self::Lacks(permission.to_owned(), target.clone()),
            Judgement::Beyond => Self::Unknown(target.clone()),
        }
    }
}
