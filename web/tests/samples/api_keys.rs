//! The page of API keys.

use web::{ApiKeyView, ApiKeysPage, MadeKeyView, Moment, Shown};

use super::{NOW, ago, fields, noted, scopes};

/// Every sample with a file name for it.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("api-keys", listed().render()),
        ("api-keys-made", made("Nightly backup").render()),
        ("api-keys-empty", empty().render()),
        (
            "api-keys-hostile",
            made("</code></bdi><script>alert(1)</script>").render(),
        ),
    ]
}

fn days(days: i64) -> Moment {
    Moment::coming(NOW + jiff::SignedDuration::from_hours(days * 24), NOW)
}

fn listed() -> ApiKeysPage {
    let key = |id: &str, name, ended| ApiKeyView {
        id: id.to_owned(),
        name: Shown::name(name),
        begins: format!("sessile_{id}"),
        scopes: scopes(),
        made: ago(9_000),
        used: Some(noted(30)),
        expires: days(80),
        former_until: None,
        ended,
    };
    ApiKeysPage {
        made: None,
        keys: vec![
            ApiKeyView {
                former_until: Some(days(1)),
                ..key("aaaaaaaaaaaa", "Nightly backup", None)
            },
            ApiKeyView {
                used: None,
                ..key("bbbbbbbbbbbb", "Home automation", None)
            },
            key("cccccccccccc", "Laptop", Some("revoked")),
            key("dddddddddddd", "Old laptop", Some("expired")),
        ],
        scopes: scopes(),
        name: String::new(),
        name_chars_max: 60,
        days: &[90, 7, 30, 365],
        notice: Some("The key is revoked, and what was begun with it has ended."),
        refusal: None,
        form_fields: fields(),
        action: "/account/api-keys",
    }
}

fn made(name: &str) -> ApiKeysPage {
    ApiKeysPage {
        made: Some(MadeKeyView {
            name: Shown::name(name),
            text: format!("sessile_{}", "a".repeat(95)),
            former_until: Some(days(1)),
        }),
        notice: None,
        ..listed()
    }
}

fn empty() -> ApiKeysPage {
    ApiKeysPage {
        keys: Vec::new(),
        name: "\"><script>".to_owned(),
        notice: None,
        refusal: Some("Another key of yours has that name."),
        ..listed()
    }
}
