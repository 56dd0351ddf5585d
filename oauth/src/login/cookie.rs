//! Names and texts of our cookies (RFC 6265bis).

use std::time::Duration;

use crate::origin::PublicOrigin;

/// Longest `Cookie` field we read, in bytes.
const FIELD_BYTES_MAX: usize = 16_384;

/// What our cookies are called.
///
/// Over https they are `__Host-` cookies: the browser itself guarantees that
/// nobody else's page, path or subdomain has set them. On loopback http there
/// is no such thing; and since cookies ignore ports (section 8.5), the port is
/// part of the name there, or two servers would log each other out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieNames {
    /// The login session.
    pub session: String,
    /// Binds the login pages to the browser they were shown in.
    pub browser: String,
    secure: bool,
}

impl CookieNames {
    /// The names under an origin.
    pub fn at(origin: &PublicOrigin) -> Self {
        if origin.is_loopback() {
            let port = origin.port();
            Self {
                session: format!("sessile-{port}"),
                browser: format!("sessile-browser-{port}"),
                secure: false,
            }
        } else {
            Self {
                session: "__Host-sessile".to_owned(),
                browser: "__Host-sessile-browser".to_owned(),
                secure: true,
            }
        }
    }

    /// A `Set-Cookie` field. `Lax`, because the browser comes back from the
    /// provider by a link from another site.
    pub fn set(&self, name: &str, value: &str, life: Duration) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        let seconds = life.as_secs();
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }

    /// A `Set-Cookie` field that takes a cookie away.
    pub fn clear(&self, name: &str) -> String {
        self.set(name, "", Duration::ZERO)
    }
}

/// The value of a cookie in the `Cookie` fields of a request; `None` if it is
/// not there, or there twice, which no honest browser does with our names.
pub fn read<'a>(fields: impl IntoIterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    let mut values = fields
        .into_iter()
        .filter(|field| field.len() <= FIELD_BYTES_MAX)
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, value)| *known == name && !value.is_empty())
        .map(|(_, value)| value);
    let value = values.next();
    value.filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(origin: &str) -> CookieNames {
        CookieNames::at(&PublicOrigin::parse(origin).unwrap())
    }

    /// RFC 6265bis section 4.1.3.2; checklist SEC-04.
    #[test]
    fn a_deployments_cookies_are_host_cookies() {
        let names = names("https://mcp.example.com");
        assert_eq!(
            names.set(&names.session, "v", Duration::from_mins(1)),
            "__Host-sessile=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn two_servers_on_loopback_do_not_share_cookies() {
        let (one, two) = (names("http://127.0.0.1:1"), names("http://127.0.0.1:2"));
        assert_ne!(one.session, two.session);
        assert!(
            !one.set(&one.session, "v", Duration::ZERO)
                .contains("Secure")
        );
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_only_once() {
        let field = ["a=1; sessile=abc; xsessile=no", "b=2"];
        assert_eq!(read(field, "sessile"), Some("abc"));
        assert_eq!(read(field, "sess"), None);
        assert_eq!(read(["sessile=a; sessile=b"], "sessile"), None);
        assert_eq!(read(["sessile=a", "sessile=b"], "sessile"), None);
        assert_eq!(read(["sessile="], "sessile"), None);
        let long = format!("sessile=a; x={}", "y".repeat(FIELD_BYTES_MAX));
        assert_eq!(read([long.as_str()], "sessile"), None);
    }
}
