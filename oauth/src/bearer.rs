//! How a token is presented (RFC 6750), and the challenge when it is not good
//! enough (RFC 6750 section 3, RFC 9728 section 5.1).

use crate::scope::Scopes;

/// Longest token we look at, in characters. Ours have about 1,000; those of a
/// client and a user with the longest names possible fit.
pub const TOKEN_CHARS_MAX: usize = 12_288;

/// What a request's `Authorization` fields hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// No bearer token.
    Nothing,
    /// One token, not yet checked.
    Token(&'a str),
    /// Something that was meant as a token and cannot be one.
    Malformed,
}

/// Reads the `Authorization` fields of a request.
pub fn presented<'a>(fields: impl IntoIterator<Item = &'a str>) -> Presented<'a> {
    let mut fields = fields.into_iter();
    let field = match (fields.next(), fields.next()) {
        (None, _) => return Presented::Nothing,
        (Some(field), None) => field,
        (Some(_), Some(_)) => return Presented::Malformed,
    };
    let (scheme, token) = field.split_once(' ').unwrap_or((field, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Presented::Nothing;
    }
    let token = token.trim_start_matches(' ');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || token.len() > TOKEN_CHARS_MAX || !token.bytes().all(allowed) {
        return Presented::Malformed;
    }
    Presented::Token(token)
}

/// Why access is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No token was sent.
    Missing,
    /// The request presents a token in a way that is not allowed.
    InvalidRequest,
    /// The token that was sent is not good.
    InvalidToken,
    /// The token is good and does not allow this.
    InsufficientScope,
}

impl Refusal {
    /// The error code (RFC 6750 section 3.1); none if no token was sent.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Missing => None,
            Self::InvalidRequest => Some("invalid_request"),
            Self::InvalidToken => Some("invalid_token"),
            Self::InsufficientScope => Some("insufficient_scope"),
        }
    }

    /// What to do about it, for the developer who sees it.
    pub fn description(self) -> &'static str {
        match self {
            Self::Missing => "This server needs an access token: see resource_metadata",
            Self::InvalidRequest => "Send the access token in the Authorization field only",
            Self::InvalidToken => "The access token is expired, malformed or not for this server",
            Self::InsufficientScope => "The access token does not have the scope this needs",
        }
    }
}

/// A refusal and how to overcome it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Why.
    pub refusal: Refusal,
    /// Where the client learns whom to ask for a token (RFC 9728).
    pub resource_metadata: String,
    /// All the scopes it should ask for.
    pub scopes: Scopes,
}

impl Challenge {
    /// The value of the `WWW-Authenticate` field. Every part is ours and has
    /// no quote in it.
    pub fn field(&self) -> String {
        let error = self.refusal.code().map_or_else(String::new, |code| {
            let description = self.refusal.description();
            format!("error=\"{code}\", error_description=\"{description}\", ")
        });
        let (metadata, scopes) = (&self.resource_metadata, &self.scopes);
        format!("Bearer {error}resource_metadata=\"{metadata}\", scope=\"{scopes}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6750 section 2.1.
    /// Checklist RS-04.
    #[test]
    fn a_token_is_found_in_one_bearer_field_only() {
        let long = format!("Bearer {}", "a".repeat(TOKEN_CHARS_MAX + 1));
        let table: [(&[&str], Presented<'_>); 11] = [
            (&[], Presented::Nothing),
            (&["Basic dXNlcg=="], Presented::Nothing),
            (&["Bearerabc"], Presented::Nothing),
            (&["Bearer abc"], Presented::Token("abc")),
            (
                &["bearer abc.d-e_f~g+h/i="],
                Presented::Token("abc.d-e_f~g+h/i="),
            ),
            (&["Bearer"], Presented::Malformed),
            (&["Bearer "], Presented::Malformed),
            (&["Bearer a b"], Presented::Malformed),
            (&["Bearer a\u{e4}"], Presented::Malformed),
            (&[&long], Presented::Malformed),
            (&["Bearer abc", "Bearer def"], Presented::Malformed),
        ];
        for (fields, want) in table {
            assert_eq!(presented(fields.iter().copied()), want, "{fields:?}");
        }
    }

    fn field(refusal: Refusal) -> String {
        let resource_metadata = "https://a.example/.well-known/x".to_owned();
        Challenge {
            refusal,
            resource_metadata,
            scopes: Scopes::baseline(),
        }
        .field()
    }

    /// RFC 6750 section 3.1: no error code when no token was sent.
    /// Checklist RS-03.
    #[test]
    fn a_challenge_names_an_error_only_if_a_token_was_sent() {
        assert_eq!(
            field(Refusal::Missing),
            "Bearer resource_metadata=\"https://a.example/.well-known/x\", scope=\"mcp\""
        );
        let invalid = field(Refusal::InvalidToken);
        assert!(
            invalid.starts_with("Bearer error=\"invalid_token\", "),
            "{invalid}"
        );
        assert!(field(Refusal::InsufficientScope).contains("insufficient_scope"));
    }
}
