//! Forms of ours: sealed requests that travel through a page, and the proof
//! that the page was shown to the browser that sends them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::authorize::AuthorizeRequest;
use crate::seal::{Nonce, Seal};
use crate::secret::{MacKey, RootSecret};

/// How long a page may stay open before its form is sent.
pub const FORM_LIFE: SignedDuration = SignedDuration::from_mins(60);

/// Seals the request that led to a page, and makes the page's CSRF token.
///
/// The token binds the sealed request to what the browser holds: its login
/// session on the consent page, the browser cookie on the login page. So
/// neither another site nor another browser can send the form, and a page read
/// twice gives two forms that both work.
#[derive(Debug, Clone)]
pub struct Csrf {
    requests: Seal,
    tokens: MacKey,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    request: Option<AuthorizeRequest>,
    expires: Timestamp,
}

impl Csrf {
    /// The forms of this deployment.
    pub fn new(root: &RootSecret) -> Self {
        Self {
            requests: Seal::brief(root, "authorize request"),
            tokens: root.brief_mac_key("csrf"),
        }
    }

    /// The request as a hidden field. A plain login has none.
    pub fn seal(&self, request: Option<&AuthorizeRequest>, now: Timestamp, nonce: Nonce) -> String {
        let expires = now.checked_add(FORM_LIFE).unwrap_or(Timestamp::MAX);
        self.requests.seal(
            &Sealed {
                request: request.cloned(),
                expires,
            },
            nonce,
        )
    }

    /// The request of a form; the outer `None` means: not ours, or too old.
    pub fn open(&self, sealed: &str, now: Timestamp) -> Option<Option<AuthorizeRequest>> {
        let Sealed { request, expires } = self.requests.open(sealed)?;
        (now < expires).then_some(request)
    }

    /// The token of a form: for one action, one holder, one request.
    pub fn token(&self, action: &str, holder: &str, sealed: &str) -> String {
        self.tokens.tag(&[action, holder, sealed])
    }

    /// Whether a form was sent by who it was made for, in constant time.
    pub fn confirms(&self, token: &str, action: &str, holder: &str, sealed: &str) -> bool {
        self.tokens.confirms(token, &[action, holder, sealed])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn csrf() -> Csrf {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        Csrf::new(&RootSecret::parse(&root).unwrap())
    }

    #[test]
    fn a_form_cannot_be_kept_for_ever() {
        let sealed = csrf().seal(None, NOW, [1; 24]);
        assert_eq!(csrf().open(&sealed, NOW), Some(None));
        assert_eq!(csrf().open(&sealed, NOW + FORM_LIFE), None);
        assert_eq!(csrf().open("made-up", NOW), None);
    }

    /// Checklist SEC-03: bound to the browser, the request and the action.
    #[test]
    fn a_token_is_good_for_one_action_holder_and_request() {
        let token = csrf().token("consent", "browser", "sealed");
        assert!(csrf().confirms(&token, "consent", "browser", "sealed"));
        assert!(!csrf().confirms(&token, "login", "browser", "sealed"));
        assert!(!csrf().confirms(&token, "consent", "other", "sealed"));
        assert!(!csrf().confirms(&token, "consent", "browser", "other"));
        assert!(!csrf().confirms("", "consent", "browser", "sealed"));
    }
}
