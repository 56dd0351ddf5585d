//! What a request says: names in its path, its query, its fields and its body.

use http::HeaderMap;
use jiff::Timestamp;
use oauth::form::Parameters;
use oauth::secret::{MacKey, SecretHash};
use platform::{body, random};
use rest::etag::{self, Matched};
use rest::{BODY_BYTES_MAX, Code, IDEMPOTENCY_CHARS_MAX, IDEMPOTENCY_FIELD, Operation};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use worker::HttpRequest;

use super::{Refused, cursor};
use crate::error::Error;

/// Longest name in a path, in characters: ours are shorter.
const NAME_CHARS_MAX: usize = 64;
/// Most characters of a word that is looked for: those of a record have 256 bytes.
const WORD_CHARS_MAX: usize = 256;
/// Most characters of what is said about a body that cannot be read.
const DETAIL_CHARS_MAX: usize = 300;

/// What a request says.
#[derive(Debug)]
pub(super) struct Input {
    name: String,
    query: Parameters,
    fields: HeaderMap,
    body: Vec<u8>,
    /// When it came.
    pub(super) now: Timestamp,
}

/// Whether something in a path can be a name of ours; whatever else stands there
/// leads nowhere.
pub(super) fn is_name(part: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=NAME_CHARS_MAX).contains(&part.len()) && part.bytes().all(allowed)
}

impl Input {
    /// Reads it; the body to its end, also one that nobody asked for.
    pub(super) async fn read(
        request: HttpRequest,
        operation: &Operation,
        names: &[&str],
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let (parts, sent) = request.into_parts();
        let body = if operation.body.is_some() {
            let read = body::read_in_time(sent, BODY_BYTES_MAX).await?;
            if !body::is_of_type(&parts.headers, "application/json") {
                return Err(Refused::new(
                    Code::UnsupportedMediaType,
                    "Send JSON, and say so: Content-Type: application/json.",
                ));
            }
            read.map_err(|_| {
                let detail = format!("A body has at most {BODY_BYTES_MAX} bytes.");
                Refused::new(Code::TooLarge, detail)
            })?
        } else {
            body::discard(sent).await;
            Vec::new()
        };
        Ok(Self {
            name: names.first().copied().unwrap_or_default().to_owned(),
            query: query(parts.uri.query().unwrap_or_default(), operation)?,
            fields: parts.headers,
            body,
            now,
        })
    }

    /// The name in the path.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The body.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let code = match error.classify() {
                Category::Data => Code::Invalid,
                Category::Io | Category::Syntax | Category::Eof => Code::Malformed,
            };
            let detail: String = error.to_string().chars().take(DETAIL_CHARS_MAX).collect();
            Refused::new(code, format!("The body cannot be read: {detail}"))
        })
    }

    /// A parameter of the query.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        if self.query.names().any(|sent| sent == name) {
            return Some(self.query.get(name).unwrap_or_default());
        }
        None
    }

    /// How many of a list are wanted.
    pub(super) fn limit(&self, max: usize) -> Result<usize, Refused> {
        rest::limit(self.query("limit"), max)
            .ok_or_else(|| malformed(format!("`limit` is a number from 1 to {max}.")))
    }

    /// Where in a list the last answer ended.
    pub(super) fn cursor<P: DeserializeOwned>(
        &self,
        key: &MacKey,
        about: &[&str],
    ) -> Result<Option<P>, Refused> {
        let Some(sent) = self.query("cursor") else {
            return Ok(None);
        };
        let place = cursor::read(key, about, sent).ok_or_else(|| {
            let words = "That `cursor` is not of this list with this filter: begin without it.";
            malformed(words.to_owned())
        });
        place.map(Some)
    }

    /// A word that is looked for.
    pub(super) fn word(&self, name: &str) -> Result<Option<&str>, Refused> {
        let word = self.query(name);
        let fits = |word: &str| (1..=WORD_CHARS_MAX).contains(&word.chars().count());
        if word.is_none_or(fits) {
            return Ok(word);
        }
        Err(malformed(format!(
            "`{name}` has 1 to {WORD_CHARS_MAX} characters."
        )))
    }

    /// One of these words.
    pub(super) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Refused> {
        match self.query(name) {
            Some(word) if !words.contains(&word) => {
                let words = words.join(", ");
                Err(malformed(format!("`{name}` is one of: {words}.")))
            }
            word => Ok(word),
        }
    }

    /// What the request is sent for: named by the client, or it is for nothing that
    /// was sent before.
    pub(super) fn sent_for(&self, operation: &str) -> Result<String, Refused> {
        let mut sent = self.fields.get_all(IDEMPOTENCY_FIELD).iter();
        let named = match (sent.next(), sent.next()) {
            (None, _) => {
                let random: [u8; 16] = random::bytes().map_err(Error::from)?;
                oauth::encoding::encode(random)
            }
            (Some(name), None) => {
                let name = name.to_str().unwrap_or_default();
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
                let fits = (1..=IDEMPOTENCY_CHARS_MAX).contains(&name.len());
                if !fits || !name.bytes().all(allowed) {
                    return Err(bad_name());
                }
                name.to_owned()
            }
            (Some(_), Some(_)) => return Err(bad_name()),
        };
        let hash = SecretHash::of(&format!("api\n{operation}\n{named}"));
        Ok(hash.as_str().to_owned())
    }

    /// Refuses a request that is about another version than there is; after whatever
    /// else it would be refused for (RFC 9110 section 13.2.1).
    pub(super) fn is_about(&self, version: &str) -> Result<(), Refused> {
        let mut fields = self.fields.get_all("if-match").iter();
        let field = match (fields.next(), fields.next()) {
            (Some(field), None) => field.to_str().ok(),
            _ => None,
        };
        match etag::matches(field, version) {
            Matched::Yes => Ok(()),
            Matched::No => Err(Self::changed()),
            Matched::Unsaid => Err(Refused::new(
                Code::PreconditionRequired,
                "Read it first, and send its ETag in If-Match.",
            )),
        }
    }

    /// Somebody else was faster.
    pub(super) fn changed() -> Refused {
        Refused::new(
            Code::Changed,
            "Somebody has changed it since you read it: read it again, and decide anew.",
        )
    }
}

fn malformed(detail: String) -> Refused {
    Refused::new(Code::Malformed, detail)
}

fn bad_name() -> Refused {
    let detail = format!(
        "Idempotency-Key is sent once, with 1 to {IDEMPOTENCY_CHARS_MAX} letters, digits, - and _."
    );
    Refused::new(Code::Malformed, detail)
}

/// The query, with what the operation knows and nothing else: a filter that is
/// misspelt must not list everything.
fn query(text: &str, operation: &Operation) -> Result<Parameters, Refused> {
    let bad = |detail: String| Err(Refused::new(Code::Malformed, detail));
    let Ok(query) = Parameters::parse(text) else {
        return bad("The query has too many or too long parameters.".to_owned());
    };
    if query.repeated().is_some() {
        return bad("A parameter of the query is sent twice.".to_owned());
    }
    let known: Vec<&str> = operation.query.iter().map(|query| query.name).collect();
    if query.names().any(|name| !known.contains(&name)) {
        return bad(match known.as_slice() {
            [] => "This takes no parameters in the query.".to_owned(),
            known => format!(
                "The query takes these parameters alone: {}.",
                known.join(", ")
            ),
        });
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_short() {
        for good in ["a", "-a", "A-z_0.9", &"x".repeat(NAME_CHARS_MAX)] {
            assert!(is_name(good), "{good}");
        }
        let long = "x".repeat(NAME_CHARS_MAX + 1);
        for bad in ["", "a b", "%61", "a/b", "\u{e4}", "a\0", "a'", &long] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_parameter_that_an_operation_does_not_know_is_refused() {
        let find = |id| rest::operations().find(|operation| operation.id == id);
        let (users, me) = (find("listUsers").unwrap(), find("getMe").unwrap());
        assert!(query("limit=1&search=&role=a&cursor=b", users).is_ok());
        assert!(query("", me).is_ok());
        for bad in ["limits=1", "limit=1&limit=2", "access_token=x", "&=x"] {
            assert!(query(bad, users).is_err(), "{bad}");
        }
        assert!(query("limit=1", me).is_err());
    }
}
