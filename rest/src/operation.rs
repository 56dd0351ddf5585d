//! What a row of the table says.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::problem::Code;
use crate::shape::Shape;

/// See what acts for oneself: keys, grants, sessions.
pub const ACCOUNT_READ: &str = "account:read";
/// Make and end what acts for oneself.
pub const ACCOUNT_WRITE: &str = "account:write";
/// See and change users and roles.
pub const ADMIN_USERS: &str = "admin:users";
/// See and change how many calls users may make.
pub const ADMIN_POLICIES: &str = "admin:policies";
/// See everybody's usage.
pub const ADMIN_USAGE: &str = "admin:usage";
/// See what everybody did.
pub const ADMIN_AUDIT: &str = "admin:audit";

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says of each what it does")]
pub enum Call {
    ShowDocument,
    ShowProblem,
    ShowMe,
    ListKeys,
    MakeKey,
    ShowKey,
    RotateKey,
    RevokeKey,
    ListGrants,
    EndGrant,
    ListSessions,
    EndSession,
    ListLogins,
    EndLogin,
    ListUsers,
    ShowUser,
    DisableUser,
    EnableUser,
    EndUser,
    ShowUserRoles,
    SetUserRoles,
    ListRoles,
    AddRole,
    ShowRole,
    SaveRole,
    DeleteRole,
    GiveRolePolicy,
    TakeRolePolicy,
    ShowUserPolicy,
    GiveUserPolicy,
    TakeUserPolicy,
    ListPolicies,
    AddPolicy,
    ShowPolicy,
    SavePolicy,
    DeletePolicy,
    ShowOwnUsage,
    ShowUsage,
    ListOwnAudit,
    ListAudit,
}

/// The verbs there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are HTTP's")]
pub enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

impl Verb {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes nothing (RFC 9110 section 9.2.1).
    pub fn is_safe(self) -> bool {
        self == Self::Get
    }
}

/// Who may do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Anybody at all.
    Nothing,
    /// Whoever is known.
    Caller,
    /// Whose roles allow this permission and, with a key or token, whose scopes have it.
    Permission(&'static str),
}

/// What operations are listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// This document, and what refusals mean.
    About,
    /// Oneself.
    Me,
    /// One's keys.
    Keys,
    /// What else acts for oneself.
    Acting,
    /// Everybody.
    Users,
    /// What users may do.
    Roles,
    /// How much they may do.
    Policies,
    /// How much they did.
    Usage,
    /// What they did.
    Audit,
}

impl Tag {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::About,
        Self::Me,
        Self::Keys,
        Self::Acting,
        Self::Users,
        Self::Roles,
        Self::Policies,
        Self::Usage,
        Self::Audit,
    ];

    /// Its name, and what is under it.
    pub fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::About => ("About", "This document, and what refusals mean."),
            Self::Me => ("Me", "Who you are here, and what your credential allows."),
            Self::Keys => ("API keys", "Your keys for scripts and services."),
            Self::Acting => (
                "Access",
                "Apps that act for you, their sessions, and where you are logged in.",
            ),
            Self::Users => ("Users", "Who has logged in. For admins."),
            Self::Roles => ("Roles", "What users may let apps do. For admins."),
            Self::Policies => ("Policies", "How many calls users may make. For admins."),
            Self::Usage => ("Usage", "How many calls there were."),
            Self::Audit => ("Audit", "Who did what, and what came of it."),
        }
    }
}

/// A parameter in the query.
#[derive(Clone, Copy)]
pub struct Query {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Its schema.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// One that can be sent.
    pub example: &'static str,
}

impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// What is done.
    pub call: Call,
    /// By which verb.
    pub verb: Verb,
    /// Where, below [`crate::BASE`]; a part in braces stands for any name.
    pub path: &'static str,
    /// Its name in the document, which clients are made from.
    pub id: &'static str,
    /// Under which heading it is listed.
    pub tag: Tag,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What there is to know of it.
    pub about: &'static str,
    /// Who may do it.
    pub needs: Needs,
    /// What can be said in the query.
    pub query: &'static [Query],
    /// Whether `If-Match` has to say which version is meant.
    pub if_match: bool,
    /// Whether `Idempotency-Key` may name what the request is sent for.
    pub idempotency: bool,
    /// What is sent.
    pub body: Option<Shape>,
    /// With which status it is answered.
    pub status: u16,
    /// What is answered.
    pub answer: Option<Shape>,
    /// As which type the answer can be had beside JSON, with `format`.
    pub file: Option<&'static str>,
    /// Whether the answer says which version it is.
    pub etag: bool,
    /// Refusals beside those that every operation of its kind has.
    pub refusals: &'static [Code],
}

impl Operation {
    /// Whether the path has a name in it.
    pub fn is_about_one(&self) -> bool {
        self.path.contains('{')
    }

    /// Every refusal there can be.
    pub fn all_refusals(&self) -> Vec<Code> {
        let mut all = vec![
            Code::Malformed,
            Code::TooManyRequests,
            Code::Internal,
            Code::Unavailable,
        ];
        if self.needs != Needs::Nothing {
            all.extend([Code::Unauthenticated, Code::InvalidCredential, Code::Csrf]);
        }
        if matches!(self.needs, Needs::Permission(_)) {
            all.extend([Code::InsufficientScope, Code::NotFound]);
        }
        if self.is_about_one() {
            all.push(Code::NotFound);
        }
        if self.body.is_some() {
            all.extend([
                Code::Timeout,
                Code::TooLarge,
                Code::UnsupportedMediaType,
                Code::Invalid,
            ]);
        }
        if self.if_match {
            all.extend([Code::Changed, Code::PreconditionRequired]);
        }
        all.extend(self.refusals);
        all.sort_by_key(|code| (code.status(), code.name()));
        all.dedup();
        all
    }

    /// An example of what is sent.
    pub fn example(&self) -> Option<Value> {
        self.body.map(|body| (body.example)())
    }
}
