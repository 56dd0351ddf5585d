use serde_json::json;

use super::*;
use crate::origin::PublicOrigin;
use crate::secret::SecretHash;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn listed(list: &Value) -> Result<Vec<Configured>, BadClients> {
    let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
    let documents = DocumentRules::new(public);
    read(&list.to_string(), &RedirectRules::default(), &documents)
}

fn good() -> Value {
    json!({ "id": "ci", "name": "CI", "grant_types": ["client_credentials"],
        "secret_hash": SecretHash::of(SECRET).as_str() })
}

/// The good one with these members in place of its own; `null` takes one away.
fn with(changes: &Value) -> Value {
    let mut one = good();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            one.as_object_mut().unwrap().remove(name);
        } else {
            one[name] = value.clone();
        }
    }
    one
}

/// Checklist AS-20.
#[test]
fn a_client_of_the_configuration_has_a_secret_or_keys_and_the_grants_it_is_given() {
    let [client] = &listed(&json!([good()])).unwrap()[..] else {
        panic!("one client")
    };
    assert!(client.by_itself && !client.vouched && client.client.is_confidential());
    assert!(client.has_secret(SECRET));
    for wrong in [
        "",
        "0123456789ABCDEF0123456789abcdef",
        SecretHash::of(SECRET).as_str(),
    ] {
        assert!(!client.has_secret(wrong), "{wrong}");
    }
    let keyed = with(
        &json!({ "secret_hash": null, "jwks_uri": "https://ci.example/keys.json",
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "redirect_uris": ["https://ci.example/cb"] }),
    );
    let [client] = &listed(&json!([keyed])).unwrap()[..] else {
        panic!("one client")
    };
    assert!(!client.by_itself && client.vouched && client.client.is_confidential());
    assert!(!client.has_secret(""));
}

/// A hash does not protect what can be guessed.
#[test]
fn a_short_secret_is_never_the_right_one() {
    let weak = with(&json!({ "secret_hash": SecretHash::of("changeme").as_str() }));
    let clients = listed(&json!([weak])).unwrap();
    assert!(!clients[0].has_secret("changeme"));
}

#[test]
fn a_list_that_is_not_in_order_is_refused() {
    let many: Vec<_> = (0..=CONFIGURED_CLIENTS_MAX)
        .map(|number| with(&json!({ "id": number.to_string() })))
        .collect();
    for list in [json!({}), json!([good(), good()]), json!(many)] {
        assert!(listed(&list).is_err(), "{list}");
    }
    for changes in [
        json!({ "id": "" }),
        json!({ "id": "a:b" }),
        json!({ "id": "https://ci.example/client.json" }),
        json!({ "id": "x".repeat(crate::basic::ID_CHARS_MAX + 1) }),
        json!({ "name": "a\u{7}" }),
        json!({ "secret": SECRET }),
        json!({ "secret_hash": SECRET }),
        json!({ "secret_hash": null }),
        json!({ "jwks": { "keys": [] } }),
        json!({ "secret_hash": null, "jwks": { "keys": [] } }),
        json!({ "secret_hash": null, "jwks": { "keys": [{ "kty": "oct", "k": "AAAA" }] } }),
        json!({ "secret_hash": null, "jwks_uri": "https://10.0.0.1/keys.json" }),
        json!({ "grant_types": null }),
        json!({ "grant_types": ["password"] }),
        json!({ "grant_types": ["authorization_code"] }),
        json!({ "redirect_uris": ["https://ci.example/cb"] }),
        json!({ "grant_types": ["authorization_code"], "redirect_uris": ["http://evil.example/"] }),
        json!({ "scope": "no\u{e9}" }),
    ] {
        assert!(listed(&json!([with(&changes)])).is_err(), "{changes}");
    }
    assert_eq!(listed(&json!([])), Ok(vec![]));
}
