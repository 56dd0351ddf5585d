//! Reading the `ADMINS` variable: users who may do everything, whatever roles the
//! database gives them. So there is a first admin, who can make others.

use serde::Deserialize;

use crate::provider::Provider;

/// Most admins of the configuration.
pub const ADMINS_MAX: usize = 100;

/// The users it names, each by issuer and subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admins(Vec<(String, String)>);

/// A list of admins that cannot be used; the text says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAdmins(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    issuer: Option<String>,
    provider: Option<String>,
    subject: String,
}

impl Admins {
    /// Reads the list. A provider's id stands for the issuer of its users.
    pub fn read(text: &str, providers: &[Provider]) -> Result<Self, BadAdmins> {
        let list: Vec<Written> = serde_json::from_str(text)
            .map_err(|error| BadAdmins(format!("is not a JSON list of users: {error}")))?;
        if list.len() > ADMINS_MAX {
            return Err(BadAdmins(format!("names more than {ADMINS_MAX} users")));
        }
        let users = (1..).zip(list).map(|(number, written)| {
            let bad = |why: &str| BadAdmins(format!("has a bad entry, number {number}: {why}"));
            let issuer = match (written.issuer, written.provider) {
                (Some(issuer), None) => issuer,
                (None, Some(id)) => providers
                    .iter()
                    .find(|provider| provider.id == id)
                    .map(|provider| provider.issuer().to_owned())
                    .ok_or_else(|| bad("there is no provider of that id"))?,
                _ => return Err(bad("it needs either issuer or provider")),
            };
            if issuer.is_empty() || written.subject.is_empty() {
                return Err(bad("issuer and subject must not be empty"));
            }
            Ok((issuer, written.subject))
        });
        users.collect::<Result<_, _>>().map(Self)
    }

    /// Whether the user is one of them.
    pub fn contain(&self, issuer: &str, subject: &str) -> bool {
        let mut users = self.0.iter();
        users.any(|(known, name)| known == issuer && name == subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::PublicOrigin;
    use crate::provider;

    fn admins(text: &str) -> Result<Admins, BadAdmins> {
        let origin = PublicOrigin::parse("http://127.0.0.1:8787").unwrap();
        let providers = r#"[{"kind":"dev"},{"kind":"github","client_id":"a"}]"#;
        Admins::read(text, &provider::read(providers, &origin).unwrap())
    }

    #[test]
    fn an_admin_is_named_by_issuer_or_provider_and_by_subject() {
        let read = admins(
            r#"[{"provider":"github","subject":"1"},{"issuer":"https://id.example","subject":"2"}]"#,
        )
        .unwrap();
        assert!(read.contain("https://github.com", "1"));
        assert!(read.contain("https://id.example", "2"));
        for (issuer, subject) in [
            ("https://github.com", "2"),
            ("https://id.example", "1"),
            ("github", "1"),
            ("https://id.example/", "2"),
        ] {
            assert!(!read.contain(issuer, subject), "{issuer} {subject}");
        }
    }

    #[test]
    fn a_list_with_a_bad_entry_is_refused() {
        for bad in [
            "",
            "{}",
            r#"[{"subject":"1"}]"#,
            r#"[{"provider":"github"}]"#,
            r#"[{"provider":"other","subject":"1"}]"#,
            r#"[{"provider":"github","issuer":"https://github.com","subject":"1"}]"#,
            r#"[{"provider":"github","subject":""}]"#,
            r#"[{"provider":"github","subject":"1","email":"a@b"}]"#,
        ] {
            assert!(admins(bad).is_err(), "{bad}");
        }
        assert_eq!(admins("[]"), Ok(Admins::default()));
    }
}
