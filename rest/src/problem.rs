//! Refusals, in the shape of RFC 9457.

use schemars::JsonSchema;
use serde::Serialize;

use crate::BASE;

/// What kind of refusal it is: stable, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The request cannot be read.
    Malformed,
    /// Nothing says who is asking.
    Unauthenticated,
    /// What says who is asking is not good.
    InvalidCredential,
    /// The key or token does not allow this, and could.
    InsufficientScope,
    /// The request may come from another site's page.
    Csrf,
    /// It is known who is asking, and they may not.
    Forbidden,
    /// There is no such thing, or not for whoever asks.
    NotFound,
    /// There is such a thing, and not this verb.
    MethodNotAllowed,
    /// The body did not come in time.
    Timeout,
    /// What there is stands in the way.
    Conflict,
    /// The same was done before.
    Repeated,
    /// There are as many as there may be.
    Full,
    /// It has changed since it was read.
    Changed,
    /// The body is larger than any that is taken.
    TooLarge,
    /// The body is no JSON by its own word.
    UnsupportedMediaType,
    /// It was sent to another host.
    Misdirected,
    /// The body is JSON and not what is asked for.
    Invalid,
    /// The request has to say which version it is about.
    PreconditionRequired,
    /// Too many requests.
    TooManyRequests,
    /// A fault of ours.
    Internal,
    /// Something we need does not answer.
    Unavailable,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::InvalidCredential,
        Self::InsufficientScope,
        Self::Csrf,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Timeout,
        Self::Conflict,
        Self::Repeated,
        Self::Full,
        Self::Changed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Misdirected,
        Self::Invalid,
        Self::PreconditionRequired,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Its name, status and title.
    fn told(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::Malformed => ("malformed", 400, "The request cannot be read"),
            Self::Unauthenticated => ("unauthenticated", 401, "Nothing says who is asking"),
            Self::InvalidCredential => ("invalid_credential", 401, "The credential is not good"),
            Self::InsufficientScope => (
                "insufficient_scope",
                403,
                "The key or token does not allow this",
            ),
            Self::Csrf => ("csrf", 403, "This may come from another site"),
            Self::Forbidden => ("forbidden", 403, "You may not do this"),
            Self::NotFound => ("not_found", 404, "There is no such thing here"),
            Self::MethodNotAllowed => ("method_not_allowed", 405, "There is no such verb here"),
            Self::Timeout => ("timeout", 408, "The body did not come in time"),
            Self::Conflict => ("conflict", 409, "What there is stands in the way"),
            Self::Repeated => ("repeated", 409, "This was done before"),
            Self::Full => ("full", 409, "There are as many as there may be"),
            Self::Changed => ("changed", 412, "It has changed since you read it"),
            Self::TooLarge => ("too_large", 413, "The body is too large"),
            Self::UnsupportedMediaType => ("unsupported_media_type", 415, "The body is not JSON"),
            Self::Misdirected => ("misdirected", 421, "This was sent to another host"),
            Self::Invalid => ("invalid", 422, "The body is not what is asked for"),
            Self::PreconditionRequired => {
                ("precondition_required", 428, "Say which version you mean")
            }
            Self::TooManyRequests => ("too_many_requests", 429, "Too many requests"),
            Self::Internal => ("internal", 500, "A fault of this server"),
            Self::Unavailable => ("unavailable", 503, "Something this needs does not answer"),
        }
    }

    /// The name, which stays.
    pub fn name(self) -> &'static str {
        self.told().0
    }

    /// The status it is answered with.
    pub fn status(self) -> u16 {
        self.told().1
    }

    /// What it means, in words.
    pub fn title(self) -> &'static str {
        self.told().2
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

/// A refusal (RFC 9457 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// Names the kind of refusal; relative to the server. What is there says what it
    /// means.
    #[serde(rename = "type")]
    #[schemars(extend("format" = "uri-reference"))]
    kind: String,
    /// What the kind means, the same each time.
    title: String,
    /// The status of the answer.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// The last part of `type`.
    code: String,
    /// What is the matter this time, and what to do about it.
    detail: String,
}

impl Problem {
    /// Refuses, and says what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("{BASE}/problems/{}", code.name()),
            title: code.title().to_owned(),
            status: code.status(),
            code: code.name().to_owned(),
            detail: detail.into(),
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        self.status
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_refusals_have_one_name() {
        let names: BTreeSet<_> = Code::ALL.map(Code::name).into();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::named(code.name()), Some(code));
            assert!((400..600).contains(&code.status()), "{code:?}");
        }
        assert_eq!(Code::named(""), None);
    }

    /// RFC 9457 section 3.1.
    #[test]
    fn a_refusal_has_the_members_that_programs_look_for() {
        let problem = Problem::new(Code::Changed, "Read it again.");
        let json = serde_json::to_value(problem).unwrap();
        let want = serde_json::json!({
            "type": "/api/v1/problems/changed",
            "title": "It has changed since you read it",
            "status": 412,
            "code": "changed",
            "detail": "Read it again.",
        });
        assert_eq!(json, want);
    }
}
