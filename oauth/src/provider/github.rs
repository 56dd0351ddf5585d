//! GitHub: OAuth without `OpenID`; the user is whoever its API says the token
//! belongs to.

use serde_json::{Map, Value};

use crate::identity::Identity;
use crate::json;
use crate::provider::{Endpoints, Garbled, SecretIn};

/// GitHub's endpoints (GitHub Docs, "Authorizing OAuth apps").
pub fn github_endpoints(url: &str) -> Endpoints {
    Endpoints {
        authorize: format!("{url}/login/oauth/authorize"),
        token: format!("{url}/login/oauth/access_token"),
        secret_in: SecretIn::Body,
    }
}

/// Where the API says who a token belongs to.
pub fn github_user_url(api_url: &str) -> String {
    format!("{api_url}/user")
}

/// Reads the API's answer. The subject is the number of the account: names
/// can be given up and taken by somebody else.
pub fn read_github_user(provider: &str, url: &str, body: &[u8]) -> Result<Identity, Garbled> {
    let user: Map<String, Value> = json::read(body).ok_or(Garbled("its user is no JSON object"))?;
    let id = user.get("id").and_then(Value::as_u64).filter(|id| *id > 0);
    let id = id.ok_or(Garbled("its user has no number"))?.to_string();
    let text = |name: &str| {
        let text = user.get(name).and_then(Value::as_str);
        text.filter(|text| !text.trim().is_empty())
    };
    let name = text("name").or_else(|| text("login"));
    Identity::new(provider, url, &id, name).map_err(|_| Garbled("its user cannot be one of ours"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(user: &Value) -> Result<Identity, Garbled> {
        read_github_user("github", "https://github.com", user.to_string().as_bytes())
    }

    /// Promise 8.
    #[test]
    fn a_user_is_known_by_number_and_called_by_name() {
        let user = read(&json!({ "id": 583_231, "login": "octocat", "name": "Mona" })).unwrap();
        let known = (
            user.issuer.as_str(),
            user.subject.as_str(),
            user.name.as_deref(),
        );
        assert_eq!(known, ("https://github.com", "583231", Some("Mona")));
        for name in [json!(null), json!(""), json!(7)] {
            let user = read(&json!({ "id": 1, "login": "octocat", "name": name })).unwrap();
            assert_eq!(user.name.as_deref(), Some("octocat"));
        }
    }

    #[test]
    fn a_user_without_a_number_is_nobody() {
        for id in [
            json!(null),
            json!("583231"),
            json!(-1),
            json!(0),
            json!(1.5),
            json!([1]),
        ] {
            assert!(
                read(&json!({ "id": id, "login": "octocat" })).is_err(),
                "{id}"
            );
        }
        assert!(read(&json!([1, 2, 3])).is_err());
        assert!(read_github_user("github", "https://github.com", b"<html>").is_err());
    }
}
