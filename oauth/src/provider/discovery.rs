//! `OpenID` Connect Discovery: where a provider's endpoints are.

use serde_json::{Map, Value};
use url::Url;

use crate::json;
use crate::origin::is_loopback;
use crate::provider::{Endpoints, Garbled, SecretIn};

/// What a provider's discovery document says, as far as we use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// Where people log in, and codes are redeemed.
    pub endpoints: Endpoints,
    /// Its keys.
    pub jwks_uri: String,
    /// Where more is known of a user.
    pub userinfo: Option<String>,
    /// Whether its answers name it: then they must (RFC 9207 section 2.4).
    pub names_itself: bool,
}

/// Where the document of an issuer is (section 4).
pub fn discovery_url(issuer: &str) -> String {
    format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    )
}

/// Reads the document of an issuer. With `local`, the provider may be on
/// loopback, without TLS.
pub fn read_discovery(issuer: &str, body: &[u8], local: bool) -> Result<Discovered, Garbled> {
    let document: Map<String, Value> =
        json::read(body).ok_or(Garbled("its discovery document is no JSON"))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    // Section 4.3: exactly the issuer that was asked, or it speaks for another.
    if text("issuer") != Some(issuer) {
        return Err(Garbled("its discovery document is of another issuer"));
    }
    let endpoint = |name: &str| {
        let url = text(name).filter(|url| is_endpoint(url, local));
        url.map(str::to_owned)
            .ok_or(Garbled("its discovery document lacks an endpoint"))
    };
    let methods = document
        .get("token_endpoint_auth_methods_supported")
        .and_then(Value::as_array);
    let method = |name: &str| methods.is_some_and(|known| known.iter().any(|it| it == name));
    // Without the field it is client_secret_basic (section 3).
    let only_post = method("client_secret_post") && !method("client_secret_basic");
    Ok(Discovered {
        endpoints: Endpoints {
            authorize: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
            secret_in: if only_post {
                SecretIn::Body
            } else {
                SecretIn::Header
            },
        },
        jwks_uri: endpoint("jwks_uri")?,
        userinfo: endpoint("userinfo_endpoint").ok(),
        names_itself: document
            .get("authorization_response_iss_parameter_supported")
            .is_some_and(|said| *said == true),
    })
}

/// Whether we would send a person or a secret there.
fn is_endpoint(text: &str, local: bool) -> bool {
    Url::parse(text).is_ok_and(|url| {
        let secure = url.scheme() == "https" && url.host().is_some();
        let loopback = url.scheme() == "http" && local && is_loopback(&url);
        (secure || loopback) && url.username().is_empty() && url.fragment().is_none()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://id.example/tenant";

    fn document() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://keys.example/jwks",
        })
    }

    fn read(document: &Value) -> Result<Discovered, Garbled> {
        read_discovery(ISSUER, document.to_string().as_bytes(), false)
    }

    #[test]
    fn the_document_is_below_the_issuer() {
        let want = "https://id.example/tenant/.well-known/openid-configuration";
        assert_eq!(discovery_url(ISSUER), want);
        assert_eq!(discovery_url(&format!("{ISSUER}/")), want);
    }

    #[test]
    fn the_way_to_send_the_secret_is_the_providers_choice() {
        let mut asked = document();
        let methods = [
            (json!(null), SecretIn::Header),
            (
                json!(["client_secret_basic", "client_secret_post"]),
                SecretIn::Header,
            ),
            (json!(["client_secret_post"]), SecretIn::Body),
        ];
        for (methods, want) in methods {
            asked["token_endpoint_auth_methods_supported"] = methods;
            assert_eq!(read(&asked).unwrap().endpoints.secret_in, want);
        }
    }

    /// OpenID Connect Discovery section 4.3; CVE-2025-6514: no endpoint with
    /// another scheme is ever used.
    /// Checklist SEC-06.
    #[test]
    fn a_document_that_cannot_be_trusted_is_refused() {
        let table = [
            ("issuer", json!("https://id.example")),
            ("issuer", json!(format!("{ISSUER}/"))),
            ("issuer", json!(null)),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            (
                "authorization_endpoint",
                json!("http://id.example/authorize"),
            ),
            (
                "authorization_endpoint",
                json!("file:/c:/windows/system32/calc.exe"),
            ),
            ("token_endpoint", json!(7)),
            ("token_endpoint", json!("http://127.0.0.1/token")),
            ("jwks_uri", json!("https://user@keys.example/")),
        ];
        for (name, value) in table {
            let mut document = document();
            document[name] = value.clone();
            assert!(read(&document).is_err(), "{name} = {value}");
        }
        assert!(read(&json!([1, 2])).is_err());
        assert!(read_discovery(ISSUER, b"<html>", false).is_err());
    }
}
