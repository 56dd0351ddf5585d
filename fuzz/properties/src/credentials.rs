//! What a client proves itself with: its token, its form, its verifier, its API key.

use oauth::RootSecret;
use oauth::api_key::{KeyTexts, PREFIX};
use oauth::bearer::{Presented, Scheme, TOKEN_CHARS_MAX, presented};
use oauth::encoding;
use oauth::form::{FORM_BYTES_MAX, PARAMETERS_MAX, Parameters};
use oauth::grant::{GrantId, Secret};
use oauth::identity::AccountId;
use oauth::pkce::{Challenge, VERIFIER_CHARS_MAX, VERIFIER_CHARS_MIN};
use sha2::{Digest, Sha256};

use crate::alteration::altered;
use crate::fields::fields;

/// The input is `Authorization` fields with line breaks between them, a form, a
/// verifier, a challenge, and an alteration.
///
/// A token is found in one field only, character for character; a parameter
/// that counts was sent once and is not empty; a verifier answers its own
/// challenge and no altered one does; a key that was altered is none.
pub fn credentials(data: &[u8]) {
    let Some([sent, form, verifier, challenge, how]) = fields(data) else {
        return;
    };
    authorization(&sent.split('\n').collect::<Vec<_>>());
    parameters(form, sent);
    proof(verifier, how);
    api_key(verifier, how);
    if let Some(challenge) = Challenge::parse(challenge) {
        let hash = encoding::decode(challenge.as_str()).unwrap();
        assert_eq!(
            (hash.len(), encoding::encode(hash)),
            (32, challenge.as_str().to_owned())
        );
        assert!(!challenge.answers(verifier) || challenge.as_str() == hash_of(verifier));
    }
}

fn authorization(sent: &[&str]) {
    assert_eq!(presented([]), Presented::Nothing);
    for field in sent {
        match presented([*field]) {
            Presented::Token(kind, token) => {
                assert!((1..=TOKEN_CHARS_MAX).contains(&token.len()));
                assert!(
                    token
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
                );
                let scheme = field.strip_suffix(token).unwrap();
                assert!(scheme.ends_with(' '));
                let name = match kind {
                    Scheme::Bearer => "Bearer",
                    Scheme::Dpop => "DPoP",
                };
                assert!(scheme.trim_end_matches(' ').eq_ignore_ascii_case(name));
                let plain = format!("{name} {token}");
                assert_eq!(presented([plain.as_str()]), Presented::Token(kind, token));
            }
            Presented::Nothing => {
                let scheme = field.split(' ').next().unwrap();
                assert!(!["bearer", "dpop"].contains(&scheme.to_ascii_lowercase().as_str()));
            }
            Presented::Malformed => {}
        }
    }
    if sent.len() > 1 {
        assert_eq!(presented(sent.iter().copied()), Presented::Malformed);
    }
}

fn parameters(form: &str, value: &str) {
    if let Ok(read) = Parameters::parse(form) {
        assert!(form.len() <= FORM_BYTES_MAX);
        let pairs: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).collect();
        assert!(pairs.len() <= PARAMETERS_MAX);
        let times = |name: &str| pairs.iter().filter(|(known, _)| known == name).count();
        for (name, value) in &pairs {
            let counts = times(name) == 1 && !value.is_empty();
            assert_eq!(read.get(name), counts.then_some(value.as_ref()));
        }
        assert_eq!(
            read.repeated().is_some(),
            pairs.iter().any(|(name, _)| times(name) > 1)
        );
        assert!(read.repeated().is_none_or(|name| times(name) > 1));
    }
    let mut written = url::form_urlencoded::Serializer::new(String::new());
    let written = written.append_pair("state", value).finish();
    if let Ok(read) = Parameters::parse(&written) {
        assert_eq!(read.get("state").unwrap_or_default(), value);
    }
}

fn proof(verifier: &str, how: &str) {
    let challenge = Challenge::trusted(hash_of(verifier));
    let chars = VERIFIER_CHARS_MIN..=VERIFIER_CHARS_MAX;
    let unreserved = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    let possible = chars.contains(&verifier.len()) && verifier.chars().all(unreserved);
    assert_eq!(challenge.answers(verifier), possible);
    let other = altered(verifier, how);
    assert_eq!(challenge.answers(&other), possible && other == verifier);
}

fn api_key(sent: &str, how: &str) {
    let root = encoding::encode((0..32).collect::<Vec<u8>>());
    let texts = KeyTexts::new(&RootSecret::parse(&root).unwrap());
    assert!(texts.read(sent).is_err() && texts.read(&format!("{PREFIX}{sent}")).is_err());
    let account = AccountId::trusted(encoding::encode([1; 16]));
    let id = GrantId::trusted(encoding::encode([2; 9]));
    let key = texts.write(&account, &id, &Secret(hash_of(sent))).0;
    let read = texts.read(&key).unwrap();
    assert_eq!((read.account, read.id), (account, id));
    let other = altered(&key, how);
    assert_eq!(texts.read(&other).is_ok(), other == key);
}

fn hash_of(verifier: &str) -> String {
    encoding::encode(Sha256::digest(verifier.as_bytes()))
}
