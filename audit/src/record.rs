//! One happening: who, what, from where, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Arguments, Word};

/// Longest record, in bytes of JSON: every word at its longest with a backslash
/// before each character. A test makes one.
pub const RECORD_BYTES_MAX: usize = 24_000;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When, by the clock of who noted it, to the millisecond.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
    /// What sort of thing it was.
    pub kind: Kind,
    /// Who did it.
    #[serde(default)]
    pub actor: Actor,
    /// The network address it came from, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Word>,
    /// What was done: the name of a tool or prompt, or of what an admin did.
    pub name: Word,
    /// What it was done to, where the name does not say it: a resource, a user, a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Word>,
    /// The permission that it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<Word>,
    /// What is kept of a call's arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Arguments>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, if it was refused or went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Word>,
    /// How many like it the record stands for: one, but for refusals.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
    /// What it cost.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub cost: Cost,
}

/// The sorts of happenings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A call of a tool.
    Tool,
    /// A prompt that was asked for.
    Prompt,
    /// A resource that was read.
    Resource,
    /// A login, or the end of one.
    Login,
    /// What a user let an app do, or did not.
    Consent,
    /// Tokens that were given for the first time.
    Grant,
    /// The end of a grant, however it came.
    Revocation,
    /// An API key was made, rotated or ended.
    Key,
    /// What an admin did.
    Admin,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Tool,
        Self::Prompt,
        Self::Resource,
        Self::Login,
        Self::Consent,
        Self::Grant,
        Self::Revocation,
        Self::Key,
        Self::Admin,
    ];

    /// Its name, as records and searches have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::Grant => "grant",
            Self::Revocation => "revocation",
            Self::Key => "key",
            Self::Admin => "admin",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it counts as usage, and is left out of the audit where calls are not
    /// audited.
    pub fn is_call(self) -> bool {
        match self {
            Self::Tool | Self::Prompt | Self::Resource => true,
            Self::Login
            | Self::Consent
            | Self::Grant
            | Self::Revocation
            | Self::Key
            | Self::Admin => false,
        }
    }
}

/// Who did it, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// The user's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Word>,
    /// What to call the user; decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Word>,
    /// The OAuth client, or what an API key is called as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Word>,
    /// The grant, or the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<Word>,
    /// The session, by the name of its object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Word>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Ok,
    /// The tool says that it went wrong.
    Error,
    /// It was not answered, or not in the way it has to be.
    Failed,
    /// It was not let through.
    Refused,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Error, Self::Failed, Self::Refused];

    /// Its name, as records and searches have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// What it cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cost {
    /// Rows written for it in objects.
    pub rows: u32,
    /// How long it took, in microseconds; the platform's clock stands still while
    /// nothing is waited for.
    pub micros: u64,
}

fn once() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_once(times: &u32) -> bool {
    *times == once()
}

fn is_nothing(cost: &Cost) -> bool {
    *cost == Cost::default()
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
