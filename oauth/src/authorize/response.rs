//! What is sent back from the authorization endpoint.

use crate::client::{BadDocument, BadDocumentUrl, Unnamed};

/// Errors a client hears (RFC 6749 section 4.1.2.1, RFC 8707 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    /// A parameter came more than once.
    #[error("a parameter was sent more than once")]
    Repeated,
    /// The state is longer than we carry.
    #[error("state is too long")]
    StateTooLong,
    /// No response type.
    #[error("response_type is missing")]
    NoResponseType,
    /// Another response type than `code`.
    #[error("only response_type=code is supported")]
    ResponseType,
    /// Another response mode than `query`.
    #[error("only response_mode=query is supported")]
    ResponseMode,
    /// No PKCE, or not with S256.
    #[error("code_challenge with code_challenge_method=S256 is required")]
    Challenge,
    /// No name of a key.
    #[error("dpop_jkt is not the SHA-256 thumbprint of a key")]
    Key,
    /// A resource that is not ours.
    #[error("resource is not one of this server's")]
    Target,
    /// A scope that does not exist.
    #[error("scope is unknown or malformed")]
    Scope,
    /// Perhaps a scope that exists: who knows it does not answer.
    #[error("which scopes there are cannot be told at the moment: try again")]
    Unavailable,
    /// A request object, which we do not read.
    #[error("request objects are not supported")]
    RequestObject,
    /// A reference to one.
    #[error("request_uri is not supported")]
    RequestUri,
    /// The person said no.
    #[error("the user denied the request")]
    Denied,
}

impl AuthorizeError {
    /// The error code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Repeated
            | Self::StateTooLong
            | Self::NoResponseType
            | Self::ResponseMode
            | Self::Challenge
            | Self::Key => "invalid_request",
            Self::ResponseType => "unsupported_response_type",
            Self::Target => "invalid_target",
            Self::Scope => "invalid_scope",
            Self::Unavailable => "temporarily_unavailable",
            Self::RequestObject => "request_not_supported",
            Self::RequestUri => "request_uri_not_supported",
            Self::Denied => "access_denied",
        }
    }
}

/// Errors only the person is told (checklist AS-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The request names no client.
    #[error("the app did not say which app it is")]
    NoClient,
    /// The id is not one we made.
    #[error("the app is not registered here")]
    UnknownClient,
    /// The id is a URL that we do not fetch.
    #[error("the address that stands for the app cannot be used: {0}")]
    DocumentUrl(BadDocumentUrl),
    /// The document at that URL is not one we take.
    #[error("the document about the app could not be used: {0}")]
    Document(BadDocument),
    /// The redirect URI is not one of the client's.
    #[error("the app asked to be answered at an address it did not register")]
    RedirectUri,
    /// The pushed request is over, was another client's, or never was.
    #[error("the app's request is not good any more: start again in the app")]
    RequestUri,
    /// The request is larger than we read.
    #[error("the request is too long")]
    TooMuch,
}

impl From<Unnamed> for PageError {
    fn from(unnamed: Unnamed) -> Self {
        match unnamed {
            Unnamed::Unknown => Self::UnknownClient,
            Unnamed::Url(bad) => Self::DocumentUrl(bad),
        }
    }
}

/// Where a client gets its code (RFC 6749 section 4.1.2, RFC 9207).
pub fn redirect_with_code(to: &str, code: &str, state: Option<&str>, issuer: &str) -> String {
    with_query(
        to,
        &[
            ("code", Some(code)),
            ("state", state),
            ("iss", Some(issuer)),
        ],
    )
}

/// Where a client hears of an error (RFC 6749 section 4.1.2.1, RFC 9207).
pub fn redirect_with_error(
    to: &str,
    error: AuthorizeError,
    state: Option<&str>,
    issuer: &str,
) -> String {
    let description = error.to_string();
    with_query(
        to,
        &[
            ("error", Some(error.code())),
            ("error_description", Some(&description)),
            ("state", state),
            ("iss", Some(issuer)),
        ],
    )
}

/// Adds parameters to a redirect URI, whose own text stays as it is.
fn with_query(to: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let separator = match to.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{to}{separator}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 section 3.1.2: the redirect URI keeps its own query.
    /// Checklist AS-07, AS-08.
    #[test]
    fn the_answer_is_added_to_the_redirect_uri() {
        let table = [
            ("https://a.example/cb", "https://a.example/cb?code=c"),
            ("https://a.example/cb?", "https://a.example/cb?code=c"),
            (
                "https://a.example/cb?x=1",
                "https://a.example/cb?x=1&code=c",
            ),
            ("http://127.0.0.1:1", "http://127.0.0.1:1?code=c"),
        ];
        for (to, want) in table {
            let got = redirect_with_code(to, "c", Some("s &\r\n=é"), "https://i.example");
            assert_eq!(
                got,
                format!("{want}&state=s+%26%0D%0A%3D%C3%A9&iss=https%3A%2F%2Fi.example")
            );
        }
    }
}
