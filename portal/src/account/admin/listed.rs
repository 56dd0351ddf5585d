//! What is asked of the list of users, in the query of its address.

use oauth::form::Parameters;
use oauth::role::ROLE_NAME_CHARS_MAX;

use crate::page::with_query;
use crate::store::users::{User, Wanted};

/// Users on one page.
pub(super) const USERS_PER_PAGE: usize = 25;
/// Longest text that is searched for, in characters.
pub(super) const SEARCH_CHARS_MAX: usize = 100;
/// Longest name of an account, in characters: ours are shorter.
const ACCOUNT_CHARS_MAX: usize = 64;

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// `q`: what the name, subject or issuer has in it.
    pub(super) search: String,
    /// `role`: a role that they have.
    pub(super) role: String,
    /// `after`: the last login and the account of the user before these.
    pub(super) after: Option<(i64, String)>,
}

impl Asked {
    /// Reads the query; none if it is not one of ours, or too long.
    pub(super) fn read(query: Option<&str>) -> Option<Self> {
        let sent = Parameters::parse(query.unwrap_or_default()).ok()?;
        let text = |name| sent.get(name).unwrap_or_default().trim().to_owned();
        let after = match sent.get("after") {
            None => None,
            Some(text) => {
                let (login, account) = text.split_once('.')?;
                let fits = !account.is_empty() && account.len() <= ACCOUNT_CHARS_MAX;
                // Beyond 32 bits nobody has logged in yet.
                let login: u32 = login.parse().ok().filter(|_| fits)?;
                Some((login.into(), account.to_owned()))
            }
        };
        let asked = Self {
            search: text("q"),
            role: text("role"),
            after,
        };
        let fits = asked.search.chars().count() <= SEARCH_CHARS_MAX
            && asked.role.len() <= ROLE_NAME_CHARS_MAX;
        fits.then_some(asked)
    }

    /// The same without a place in the list.
    pub(super) fn first_page(&self) -> Self {
        Self {
            after: None,
            ..self.clone()
        }
    }

    /// The same after that user.
    pub(super) fn after(&self, user: &User) -> Self {
        Self {
            after: Some((user.last_login, user.account.clone())),
            ..self.clone()
        }
    }

    /// What the database is asked: one more than a page has, which says whether
    /// there is another page.
    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted {
            text: &self.search,
            role: &self.role,
            after: self
                .after
                .as_ref()
                .map(|(login, account)| (*login, account.as_str())),
            count: USERS_PER_PAGE + 1,
        }
    }

    /// Where it is asked, below a path.
    pub(super) fn at(&self, path: &str) -> String {
        let after = self.after.as_ref();
        let after = after.map(|(login, account)| format!("{login}.{account}"));
        with_query(
            path,
            &[
                ("q", &self.search),
                ("role", &self.role),
                ("after", after.as_deref().unwrap_or_default()),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(search: &str, role: &str, after: Option<(i64, &str)>) -> Asked {
        Asked {
            search: search.to_owned(),
            role: role.to_owned(),
            after: after.map(|(login, account)| (login, account.to_owned())),
        }
    }

    #[test]
    fn what_is_asked_is_written_and_read_back() {
        let hostile = "%_\\'\"; DROP TABLE users; -- &after=1.a#?\u{202e}";
        for asked in [
            asked("", "", None),
            asked(hostile, "", None),
            asked("ada", "help-desk", Some((1_800_000_000, "Zm9v-_"))),
        ] {
            let url = asked.at("/u");
            let query = url.split_once('?').map(|(_, query)| query);
            assert_eq!(Asked::read(query), Some(asked));
        }
        assert_eq!(asked("", "", None).at("/u"), "/u");
        let first = asked("a", "b", Some((1, "c"))).first_page();
        assert_eq!(first, asked("a", "b", None));
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        let long = format!("q={}", "\u{e4}".repeat(SEARCH_CHARS_MAX + 1));
        let role = format!("role={}", "x".repeat(ROLE_NAME_CHARS_MAX + 1));
        let account = format!("after=1.{}", "x".repeat(ACCOUNT_CHARS_MAX + 1));
        let much = "a&".repeat(100);
        for bad in [
            "after=1",
            "after=.a",
            "after=1.",
            "after=-1.a",
            "after=x.a",
            "after=1e9.a",
            "after=99999999999.a",
            &long,
            &role,
            &account,
            &much,
        ] {
            assert_eq!(Asked::read(Some(bad)), None, "{bad}");
        }
        let most = format!("q={}", "\u{e4}".repeat(SEARCH_CHARS_MAX));
        assert!(Asked::read(Some(&most)).is_some());
        assert_eq!(
            Asked::read(Some("done=ended&other=1")),
            Some(Asked::default())
        );
    }
}
