//! Whether a token allows what a message asks for.

use mcp::tool::Target;
use mcp::tool::catalog::Entry;
use oauth::allowance::{Allowance, Judgement};

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
