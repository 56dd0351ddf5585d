//! `/account/api-keys`: a person's keys for scripts and services.
//!
//! A key is shown in the answer to the form that made it, and nowhere else: what is
//! sent again makes no other, and shows none. [`told`] says what was not done, and
//! what is the matter with a key.

pub(crate) mod told;

use audit::Kind;
use http::{Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use oauth::api_key::{KEY_NAME_CHARS_MAX, KeyInfo, Making, MakingRefusal, PREFIX, Rotating};
use oauth::form::Parameters;
use oauth::grant::GrantId;
use platform::answer::Body;
use platform::clock;
use platform::host;
use platform::tools;
use web::{ApiKeyView, ApiKeysPage, MadeKeyView, Moment, Shown};
use worker::HttpRequest;

use self::told::{look, status, words};
use super::act::in_words_of_the_page;
use super::notice::Notice;
use crate::app::App;
use crate::error::{Error, doing};
use crate::login;
use crate::login::form::{self, API_KEYS, Form};
use crate::login::session::{self, SignedIn};
use crate::oauth::scopes;
use crate::page::{self, Problem};
use crate::records::Happening;
use crate::store::api_keys::MadeText;
use crate::store::{accounts, api_keys, roles};

/// Where the page is, and where its forms go.
pub(crate) const PATH: &str = "/account/api-keys";

/// For how many days a key can be good; the first is proposed.
const DAYS: &[u16] = &[90, 7, 30, 365];
/// How long a former secret is good after a rotation on the page: a day to put the
/// new one everywhere.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// The account notes the last use to the hour.
const USE_NOTED: SignedDuration = SignedDuration::from_hours(1);
/// Longest id of a key, in characters: ours are shorter.
const ID_CHARS_MAX: usize = 64;

/// What the button says that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Make,
    Rotate(GrantId),
    Revoke(GrantId),
    /// What is the matter with a key, which its owner alone is told.
    Look,
}

impl Asked {
    /// Exactly one button.
    fn read(sent: &Parameters) -> Option<Self> {
        let id = |field| {
            let id = sent.get(field).filter(|id| id.len() <= ID_CHARS_MAX);
            id.map(|id| GrantId::trusted(id.to_owned()))
        };
        match (sent.get("do"), id("rotate"), id("revoke")) {
            (Some("make"), None, None) => Some(Self::Make),
            (Some("look"), None, None) => Some(Self::Look),
            (None, Some(id), None) => Some(Self::Rotate(id)),
            (None, None, Some(id)) => Some(Self::Revoke(id)),
            _ => None,
        }
    }
}

/// What the page says of what was just asked.
#[derive(Default)]
struct Said<'a> {
    notice: Option<Notice>,
    made: Option<MadeText>,
    refusal: Option<MakingRefusal>,
    looked: Option<&'static str>,
    typed: &'a str,
}

/// `GET /account/api-keys`.
pub(crate) async fn show<B>(
    app: &App,
    request: &http::Request<B>,
) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let public = &app.config.public_origin;
    if host::reached(&app.config.public_origin, request) != public.as_str() {
        return Ok(page::redirect(&public.url(PATH)));
    }
    let Some(signed_in) = session::current(app, request.headers(), now).await? else {
        return login::page::show(app, request.headers(), None, None, now);
    };
    let said = Said {
        notice: Notice::read(request.uri().query()),
        ..Said::default()
    };
    answer(app, &signed_in, said, now).await
}

/// `POST /account/api-keys`.
pub(crate) async fn act(app: &App, request: HttpRequest) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let (parts, body) = request.into_parts();
    let read = form::read(app, &parts.headers, body, now).await;
    let form = read.map_err(in_words_of_the_page)?;
    let Some(signed_in) = session::current(app, &parts.headers, now).await? else {
        return Ok(page::redirect(PATH));
    };
    form.confirm(app, API_KEYS, &signed_in.holder)
        .map_err(in_words_of_the_page)?;
    let asked = Asked::read(&form.parameters).ok_or(Problem::AccountForm {
        status: StatusCode::BAD_REQUEST,
    })?;
    let account = &signed_in.session.account;
    let rotates = matches!(asked, Asked::Rotate(_));
    let made = match asked {
        Asked::Make => api_keys::make(app, account, &making(app, &signed_in, &form).await?).await?,
        Asked::Rotate(id) => {
            let form = form.named(id.as_str());
            let overlap_s = OVERLAP.as_secs();
            let asked = Rotating {
                id,
                overlap_s,
                form,
            };
            api_keys::rotate(app, account, &asked).await?
        }
        Asked::Look => {
            let text = form.parameters.get("key").unwrap_or_default();
            let looked = Some(look(app, account, text).await?);
            let said = Said {
                looked,
                ..Said::default()
            };
            return answer(app, &signed_in, said, now).await;
        }
        Asked::Revoke(id) => {
            // Somebody else's is not forgotten here, either.
            if api_keys::revoke(app, account, &id).await? {
                Happening::of(app, Kind::Key, "revoke", account)
                    .with_grant(&id)
                    .note();
                app.note_end(id);
            }
            let done = Notice::KeyRevoked.name();
            return Ok(page::redirect(&format!("{PATH}?done={done}")));
        }
    };
    let mut said = Said {
        typed: form.parameters.get("name").unwrap_or_default(),
        ..Said::default()
    };
    match made {
        Ok(made) => {
            let name = if rotates { "rotate" } else { "make" };
            Happening::of(app, Kind::Key, name, account)
                .with_grant(&made.0.info.id)
                .to(&made.0.info.name)
                .permitting(&made.0.info.scopes.names().join(" "))
                .note();
            (said.made, said.typed) = (Some(made), "");
        }
        Err(refused) => said.refusal = Some(refused),
    }
    answer(app, &signed_in, said, now).await
}

/// The key that the form asks for.
async fn making(app: &App, signed_in: &SignedIn, form: &Form) -> Result<Making, Error> {
    const DAY_S: i64 = 24 * 60 * 60;
    let catalog = tools::catalog(&app.env).await;
    let catalog = catalog.map_err(doing("asking for the tools"))?;
    let bound = roles::bound(app, &signed_in.session.account).await?;
    let ticked = scopes::existing(&catalog)
        .scopes
        .only(|scope| form.parameters.get(&scopes::field(scope)).is_some());
    let name = form.parameters.get("name").unwrap_or_default();
    let days = form
        .parameters
        .get("days")
        .and_then(|days| days.parse().ok());
    let days: u16 = days.unwrap_or_default();
    Ok(Making {
        form: form.named(name),
        name: name.to_owned(),
        scopes: bound.of_scopes(&ticked),
        life_s: i64::from(days) * DAY_S,
        identity: signed_in.session.identity.clone(),
    })
}

async fn answer(
    app: &App,
    signed_in: &SignedIn,
    said: Said<'_>,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let account = &signed_in.session.account;
    let held = accounts::overview(app, account).await?;
    let catalog = tools::catalog(&app.env).await;
    let catalog = catalog.map_err(doing("asking for the tools"))?;
    let bound = roles::bound(app, account).await?;
    let offered = bound.of_scopes(&scopes::existing(&catalog).scopes);
    let key = |info: &KeyInfo| ApiKeyView {
        id: info.id.as_str().to_owned(),
        name: Shown::name(&info.name),
        begins: format!("{PREFIX}{}", info.id),
        scopes: scopes::views(app, &info.scopes, &catalog),
        made: Moment::past(info.secret_since, now),
        used: info.used.map(|used| Moment::noted(used, USE_NOTED, now)),
        expires: Moment::coming(info.expires, now),
        former_until: info
            .former_until
            .filter(|until| now < *until && info.stands(now))
            .map(|until| Moment::coming(until, now)),
        ended: (!info.stands(now)).then_some(match info.revoked {
            Some(_) => "revoked",
            None => "expired",
        }),
    };
    let status = said.refusal.map_or(StatusCode::OK, status);
    let page = ApiKeysPage {
        made: said.made.map(|(made, text)| MadeKeyView {
            name: Shown::name(&made.info.name),
            text: text.0,
            former_until: made
                .info
                .former_until
                .map(|until| Moment::coming(until, now)),
        }),
        keys: held.keys.iter().map(key).collect(),
        scopes: scopes::views(app, &offered, &catalog),
        name: said.typed.to_owned(),
        name_chars_max: KEY_NAME_CHARS_MAX,
        days: DAYS,
        notice: said.looked.or(said.notice.map(Notice::words)),
        refusal: said.refusal.map(words),
        form_fields: form::fields(app, None, API_KEYS, &signed_in.holder, now)?,
        action: PATH,
    };
    Ok(page::html(status, page.render()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_button_is_pressed() {
        let read = |sent: &str| Asked::read(&Parameters::parse(sent).unwrap());
        let id = || GrantId::trusted("a".to_owned());
        assert_eq!(read("do=make&name=x"), Some(Asked::Make));
        assert_eq!(read("do=look&key=x"), Some(Asked::Look));
        assert_eq!(read("rotate=a"), Some(Asked::Rotate(id())));
        assert_eq!(read("revoke=a"), Some(Asked::Revoke(id())));
        let long = format!("revoke={}", "x".repeat(ID_CHARS_MAX + 1));
        for sent in [
            "",
            "do=other",
            "rotate=",
            "rotate=a&revoke=a",
            "do=make&revoke=a",
            &long,
        ] {
            assert_eq!(read(sent), None, "{sent}");
        }
    }
}
