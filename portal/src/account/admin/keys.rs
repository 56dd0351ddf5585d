//! `/account/keys`: which root secrets and signing keys are in use, and nothing of
//! what they are.

use http::{Response, StatusCode};
use oauth::metadata::path;
use oauth::secret::{Numbered, Part};
use platform::answer::Body;
use platform::keys::named;
use web::{KeysPage, Moment, SecretRow, Shown};

use super::Admin;
use crate::page;

/// `GET /account/keys`.
pub(super) fn show(admin: &Admin<'_>) -> Response<Body> {
    let config = &admin.app.config;
    let page = KeysPage {
        frame: admin.frame(None),
        secrets: config.secrets.known.iter().map(row).collect(),
        keys: config.access_tokens.keys.ids().map(Shown::prose).collect(),
        jwks: path::JWKS,
    };
    page::html(StatusCode::OK, page.render())
}

fn row(secret: &Numbered) -> SecretRow {
    SecretRow {
        name: named(secret.number),
        makes: secret.part == Part::Makes,
        about: match secret.part {
            Part::Makes => "Makes what is new, and reads what it made.",
            Part::WillMake => "Will make what is new from its time on; until then it reads.",
            Part::Reads => "Reads what it made before it was replaced.",
            Part::ReadsLasting => {
                "Reads what it made that lasts: sessions, registrations, refresh tokens, API keys, \
                 logins. \
                 It can be retired."
            }
        },
        from: secret.from.map(Moment::exact),
    }
}
