//! What a holder and the account say to each other.
//!
//! During a deployment either side may be of the version before: what is new in these
//! has a default, and what is not known is passed over.

use oauth::grant::GrantId;
use quota::{Ask, Family, HolderId, Lease, Permit, PermitNumber, Refused, SlotNumber, Unused};
use serde::{Deserialize, Serialize};

/// Takes an [`Asked`]; answers with a [`Given`], or with null if the grant has ended.
pub const QUOTA: &str = "/quota";

/// Takes a [`PermitsAsked`]; answers with a [`PermitsGiven`], where a call has to wait in
/// line after up to [`quota::PERMIT_WAIT_MAX`].
pub const PERMITS: &str = "/permits";

/// What every object that holds permits is asked at by an account that was made anew;
/// answers with a [`PermitsHeld`].
pub const PERMITS_HELD: &str = "/permits-held";

/// What a holder says to the account.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Asked {
    /// Units of earlier leases that will not be spent.
    pub unused: Vec<Unused>,
    /// What to take; none to only give back.
    pub want: Option<Ask>,
    /// The grant under which they are wanted, where that is to be asked, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// What was kept for the call when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<SlotNumber>,
    /// Whether the holder remembers what is kept for a call that is refused.
    #[serde(default)]
    pub remembers: bool,
    /// The account that is asked, which does not know its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The name of the session whose object asks: it is told of a change of policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// What the account answers; null if the grant has ended.
#[derive(Debug, Serialize, Deserialize)]
pub enum Given {
    /// A lease.
    Lease(Lease),
    /// Nothing is left.
    Refused(Refused),
    /// What was given back is settled.
    Settled,
}

/// What a holder of permits says to the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PermitsAsked {
    /// The account that is asked, which does not know its own name.
    pub account: String,
    /// The name of the session whose object asks: it is told of a change of policy.
    pub session: Option<String>,
    /// Who holds them.
    pub holder: HolderId,
    /// Whether the holder began anew: what it held before is free.
    pub anew: bool,
    /// Permits of calls that have ended.
    pub end: Vec<PermitNumber>,
    /// Permits of calls that run on.
    pub renew: Vec<PermitNumber>,
    /// The family of a call that wants to start.
    pub start: Option<Family>,
}

/// What a holder of permits answers when it is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct PermitsHeld {
    /// Permits that it has.
    pub held: Vec<PermitNumber>,
    /// Whether it waits for an answer, and so may have one that it does not know of.
    pub asking: bool,
}

/// What the account answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct PermitsGiven {
    /// Permits that could not be renewed.
    pub lost: Vec<PermitNumber>,
    /// What came of the call that wants to start, if one does.
    pub started: Option<Started>,
}

/// Whether a call may start.
#[derive(Debug, Serialize, Deserialize)]
pub enum Started {
    /// It may, with this permit.
    Permit(Permit),
    /// It may: nothing bounds it.
    Free,
    /// It may not, after it waited.
    Refused(Refused),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What holders sent before slots and policies of users.
    #[test]
    fn a_holder_of_the_version_before_is_understood() {
        let asked = r#"{"unused":[{"number":7,"units":3}],
            "want":{"family":"calls","weight":1,"want":4},"grant":"AQEBAQEBAQEBAQEBAQEBAQ"}"#;
        let asked: Asked = serde_json::from_str(asked).unwrap();
        assert_eq!((asked.slot, asked.remembers), (None, false));
        assert_eq!(asked.want.unwrap().want, 4);
        let asked: Asked = serde_json::from_str(r#"{"unused":[],"want":null}"#).unwrap();
        assert!(asked.account.is_none() && asked.session.is_none());
    }
}
