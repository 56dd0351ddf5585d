//! How a token is presented (RFC 6750, RFC 9449 section 7.1), and the challenges
//! when it is not good enough (RFC 6750 section 3, RFC 9728 section 5.1).

use crate::dpop::DPOP;
use crate::public_keys::algorithm_names;
use crate::scope::Scopes;

/// Longest token we look at, in characters. Ours have about 1,000; those of a
/// client and a user with the longest names possible fit.
pub const TOKEN_CHARS_MAX: usize = 12_288;

/// What a request's `Authorization` fields hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// No token.
    Nothing,
    /// One token, not yet checked.
    Token(Scheme, &'a str),
    /// Something that was meant as a token and cannot be one.
    Malformed,
}

/// In which way a token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever has it may use it.
    Bearer,
    /// With a proof of possession.
    Dpop,
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
    let scheme = if scheme.eq_ignore_ascii_case("Bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case(DPOP) {
        Scheme::Dpop
    } else {
        return Presented::Nothing;
    };
    let token = token.trim_start_matches(' ');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || token.len() > TOKEN_CHARS_MAX || !token.bytes().all(allowed) {
        return Presented::Malformed;
    }
    Presented::Token(scheme, token)
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
    /// The proof beside the token is not good.
    InvalidProof,
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
            Self::InvalidProof => Some("invalid_dpop_proof"),
            Self::InsufficientScope => Some("insufficient_scope"),
        }
    }

    /// What to do about it, for the developer who sees it.
    pub fn description(self) -> &'static str {
        match self {
            Self::Missing => "This server needs an access token: see resource_metadata",
            Self::InvalidRequest => "Send one credential, and in no other place than its field",
            Self::InvalidToken => "The access token is expired, malformed or not for this server",
            Self::InvalidProof => {
                "Send one DPoP proof for this request and token, made just now and used once"
            }
            Self::InsufficientScope => "The access token does not have the scope this needs",
        }
    }
}

/// A refusal and how to overcome it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Why.
    pub refusal: Refusal,
    /// How the token was presented.
    pub scheme: Scheme,
    /// Where the client learns whom to ask for a token (RFC 9728).
    pub resource_metadata: String,
    /// All the scopes it should ask for.
    pub scopes: Scopes,
}

impl Challenge {
    /// The values of the `WWW-Authenticate` fields, one for each scheme. That of
    /// RFC 6750 comes first, because MCP clients read no other; the error stands
    /// in that of the scheme that was used. Every part is ours and has no quote
    /// in it.
    pub fn fields(&self) -> [String; 2] {
        let error = |scheme| match self.refusal.code() {
            Some(code) if scheme == self.scheme => {
                let description = self.refusal.description();
                format!("error=\"{code}\", error_description=\"{description}\", ")
            }
            _ => String::new(),
        };
        let (metadata, scopes) = (&self.resource_metadata, &self.scopes);
        let (bearer, dpop) = (error(Scheme::Bearer), error(Scheme::Dpop));
        let algorithms = algorithm_names().join(" ");
        [
            format!("Bearer {bearer}resource_metadata=\"{metadata}\", scope=\"{scopes}\""),
            format!(
                "{DPOP} {dpop}algs=\"{algorithms}\", resource_metadata=\"{metadata}\", scope=\"{scopes}\""
            ),
        ]
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
        let bearer = |token| Presented::Token(Scheme::Bearer, token);
        let table: [(&[&str], Presented<'_>); 14] = [
            (&[], Presented::Nothing),
            (&["Basic dXNlcg=="], Presented::Nothing),
            (&["Bearerabc"], Presented::Nothing),
            (&["Bearer abc"], bearer("abc")),
            (&["bearer abc.d-e_f~g+h/i="], bearer("abc.d-e_f~g+h/i=")),
            (&["DPoP abc"], Presented::Token(Scheme::Dpop, "abc")),
            (&["dpop abc"], Presented::Token(Scheme::Dpop, "abc")),
            (&["DPoP abc", "Bearer abc"], Presented::Malformed),
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

    fn fields(refusal: Refusal, scheme: Scheme) -> [String; 2] {
        let resource_metadata = "https://a.example/.well-known/x".to_owned();
        Challenge {
            refusal,
            scheme,
            resource_metadata,
            scopes: Scopes::baseline(),
        }
        .fields()
    }

    /// RFC 6750 section 3.1: no error code when no token was sent.
    /// Checklist RS-03.
    #[test]
    fn a_challenge_names_an_error_only_if_a_token_was_sent() {
        let plain = "resource_metadata=\"https://a.example/.well-known/x\", scope=\"mcp\"";
        let algorithms = "algs=\"RS256 ES256 PS256 EdDSA\"";
        let missing = fields(Refusal::Missing, Scheme::Bearer);
        let want = [
            format!("Bearer {plain}"),
            format!("DPoP {algorithms}, {plain}"),
        ];
        assert_eq!(missing, want);
        let [invalid, _] = fields(Refusal::InvalidToken, Scheme::Bearer);
        assert!(
            invalid.starts_with("Bearer error=\"invalid_token\", "),
            "{invalid}"
        );
        let [insufficient, _] = fields(Refusal::InsufficientScope, Scheme::Bearer);
        assert!(insufficient.contains("insufficient_scope"));
    }

    /// RFC 9449 section 7.1.
    #[test]
    fn an_error_stands_in_the_challenge_of_the_scheme_that_was_used() {
        for (refusal, code) in [
            (Refusal::InvalidToken, "invalid_token"),
            (Refusal::InvalidProof, "invalid_dpop_proof"),
        ] {
            let [bearer, dpop] = fields(refusal, Scheme::Dpop);
            assert!(!bearer.contains("error"), "{bearer}");
            let begin = format!("DPoP error=\"{code}\", ");
            assert!(
                dpop.starts_with(&begin) && dpop.contains("algs=\""),
                "{dpop}"
            );
        }
    }
}
