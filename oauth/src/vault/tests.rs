use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::encoding;
use crate::grant::Secret;
use crate::identity::{AccountId, Identity};
use crate::origin::PublicOrigin;
use crate::provider;
use crate::secret::{RootSecret, Rotation};

pub(super) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn tokens(refresh: Option<&str>, expires_in: Option<u64>) -> Tokens {
    Tokens {
        access_token: secret("access-token"),
        refresh_token: refresh.map(secret),
        expires_in,
    }
}

fn identity(subject: &str) -> Identity {
    Identity::new("acme", "https://id.example", subject, None).unwrap()
}

pub(super) fn kept(refresh: Option<&str>, expires_in: Option<u64>) -> Kept {
    Kept {
        identity: identity("ada"),
        tokens: tokens(refresh, expires_in),
        since: NOW,
    }
}

fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

fn text(first: u8) -> String {
    encoding::encode((first..first + 32).collect::<Vec<u8>>())
}

fn vault(root: &RootSecret, account: &str) -> Vault {
    Vault::of(root, AccountId::trusted(account.to_owned()))
}

#[test]
fn a_token_is_renewed_when_a_fifth_of_its_life_or_five_minutes_are_left() {
    use Standing::{Ended, Ending, Good};
    let table = [
        (3_600, [(3_299, Good), (3_300, Ending), (3_600, Ended)]),
        (100, [(79, Good), (80, Ending), (100, Ended)]),
        (0, [(0, Ended), (1, Ended), (-1, Good)]),
    ];
    for (life, steps) in table {
        for (second, want) in steps {
            let got = kept(None, Some(life)).standing(at(second));
            assert_eq!(got, want, "{second} s of {life} s");
        }
    }
    for endless in [None, Some(u64::MAX), Some(i64::MAX.unsigned_abs())] {
        assert_eq!(kept(None, endless).standing(at(1_000_000_000)), Good);
    }
}

#[test]
fn a_refresh_token_stays_until_there_is_another_of_the_same_user() {
    let first = kept(Some("first"), Some(60));
    let renewed = first.renewed(tokens(None, Some(60)), at(60));
    assert_eq!(renewed.tokens.refresh_token, Some(secret("first")));
    assert_eq!(renewed.ends(), Some(at(120)));
    let rotated = first.renewed(tokens(Some("second"), None), at(60));
    assert_eq!(rotated.tokens.refresh_token, Some(secret("second")));
    assert_eq!(rotated.ends(), None);
    let again = |subject: &str, refresh| {
        let of = Kept {
            identity: identity(subject),
            ..kept(refresh, None)
        };
        of.after(Some(first.clone())).tokens.refresh_token
    };
    assert_eq!(again("ada", None), Some(secret("first")));
    assert_eq!(again("ada", Some("second")), Some(secret("second")));
    assert_eq!(again("grace", None), None);
}

/// RFC 6749 appendix A.12.
#[test]
fn what_no_header_field_could_hold_is_not_kept() {
    let with = |access: &str, refresh: &str| Tokens {
        access_token: secret(access),
        refresh_token: Some(secret(refresh)),
        expires_in: None,
    };
    let long = "x".repeat(TOKEN_CHARS_MAX);
    assert!(with(&long, &long).fit());
    let longer = format!("{long}x");
    for bad in ["", "a b", "a\r\nb", "\u{e4}", &longer] {
        assert!(!with(bad, "a").fit() && !with("a", bad).fit(), "{bad:?}");
    }
}

#[test]
fn the_largest_tokens_that_are_kept_are_opened_again() {
    let root = RootSecret::parse(&text(0)).unwrap();
    let quotes = "\"".repeat(TOKEN_CHARS_MAX);
    for largest in ["x".repeat(TOKEN_CHARS_MAX), quotes] {
        let mut kept = kept(Some(&largest), Some(60));
        kept.tokens.access_token = secret(&largest);
        let vault = vault(&root, "account");
        let sealed = vault.seal(&kept, [1; 24]);
        assert_eq!(vault.open(&sealed, "acme"), Some(kept));
    }
}

#[test]
fn what_is_kept_opens_for_its_account_and_provider_alone() {
    let root = RootSecret::parse(&text(0)).unwrap();
    let kept = kept(Some("refresh-token"), Some(60));
    let sealed = vault(&root, "one").seal(&kept, [1; 24]);
    assert!(!sealed.contains("token"));
    assert_eq!(vault(&root, "one").open(&sealed, "acme"), Some(kept));
    assert_eq!(vault(&root, "one").open(&sealed, "other"), None);
    assert_eq!(vault(&root, "two").open(&sealed, "acme"), None);
    let foreign = RootSecret::parse(&text(100)).unwrap();
    assert_eq!(vault(&foreign, "one").open(&sealed, "acme"), None);
}

#[test]
fn a_new_root_secret_reads_what_the_old_one_sealed_and_seals_for_itself() {
    let (old, new) = (text(0), text(100));
    let alone = RootSecret::parse(&new).unwrap();
    let both = Rotation::read(&[(1, old.clone()), (2, new)], NOW).unwrap();
    let kept = kept(Some("refresh-token"), Some(60));
    let before = vault(&RootSecret::parse(&old).unwrap(), "one").seal(&kept, [1; 24]);
    let read = vault(&both.root, "one").open(&before, "acme");
    assert_eq!(read, Some(kept.clone()));
    assert_eq!(vault(&alone, "one").open(&before, "acme"), None);
    let after = vault(&both.root, "one").seal(&kept, [2; 24]);
    assert_eq!(vault(&alone, "one").open(&after, "acme"), Some(kept));
}

/// Checklist SEC-08.
#[test]
fn no_token_shows_in_debug_output() {
    let root = RootSecret::parse(&text(0)).unwrap();
    let shown = format!(
        "{:?} {:?} {:?}",
        tokens(Some("refresh-token"), None),
        kept(Some("refresh-token"), None),
        vault(&root, "account")
    );
    assert!(
        !shown.contains("access-token") && !shown.contains("refresh-token"),
        "{shown}"
    );
}

#[test]
fn only_a_word_about_the_user_says_that_they_are_gone() {
    assert!(says_ended("invalid_grant") && says_ended("bad_refresh_token"));
    for ours in ["invalid_client", "server_error", "slow_down", "", "INVALID"] {
        assert!(!says_ended(ours), "{ours}");
    }
}

#[test]
fn a_provider_is_asked_by_what_it_gave() {
    let list = json!([
        { "kind": "github", "client_id": "a", "keep_tokens": true },
        { "kind": "oidc", "client_id": "a", "issuer": "https://id.example", "keep_tokens": true },
    ]);
    let origin = PublicOrigin::parse("https://mcp.example.com").unwrap();
    let providers = provider::read(&list.to_string(), &origin).unwrap();
    let table = [
        (0, None, Some(60), 0, Some(Look::User)),
        (0, None, None, 0, Some(Look::User)),
        (0, None, Some(60), 60, None),
        (0, Some("r"), Some(60), 0, Some(Look::User)),
        (0, Some("r"), Some(60), 60, Some(Look::Renew)),
        (1, None, Some(60), 0, None),
        (1, Some("r"), Some(60), 0, Some(Look::Renew)),
    ];
    for (number, refresh, life, second, want) in table {
        let got = look(&providers[number], &kept(refresh, life), at(second));
        assert_eq!(got, want, "{number} {refresh:?} {life:?} {second}");
    }
}
