//! The page of the audit: who did what, and what came of it.

use askama::Template;

use crate::usage::{Choice, Filter};
use crate::{AdminFrame, Moment, Shown, document::document};

/// Lists what happened, the newest first, a page at a time.
///
/// What is looked for is chosen by a form that is sent with `GET` to
/// [`AuditPage::action`].
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// What stands around it for admins; for everybody else a way back.
    pub frame: AdminFrame,
    /// Where the form goes: a path of our own.
    pub action: &'static str,
    /// Whether everybody's doings can be seen.
    pub everybody: bool,
    /// What sort of thing.
    pub kinds: Vec<Choice>,
    /// What came of it.
    pub outcomes: Vec<Choice>,
    /// How long ago at most.
    pub spans: Vec<Choice>,
    /// What was typed to narrow it down.
    pub filters: Vec<Filter>,
    /// What was found.
    pub rows: Vec<AuditRow>,
    /// Where the next page is: a path of our own with a query.
    pub next: Option<String>,
    /// Where the first page is, unless it is this one.
    pub first: Option<String>,
    /// Where the same is as JSON Lines.
    pub export: String,
}

/// One happening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number in the chain.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// What was done, as [`Shown::name`].
    pub name: Shown,
    /// What sort of thing that is.
    pub kind: &'static str,
    /// What it was done to, as [`Shown::prose`].
    pub target: Option<Shown>,
    /// Who did it, as [`Shown::name`].
    pub who: Option<Shown>,
    /// With which app or key, as [`Shown::name`].
    pub client: Option<Shown>,
    /// From where, as [`Shown::prose`].
    pub address: Option<Shown>,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// Why, as [`Shown::prose`].
    pub why: Option<Shown>,
    /// How many like it this stands for.
    pub times: u32,
    /// All that is kept of it, as [`Shown::record`].
    pub record: Shown,
}

/// What came of something, in a word, and whether it went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditOutcome {
    /// The word.
    pub word: &'static str,
    /// Whether it is as it should be.
    pub good: bool,
}

impl AuditPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
