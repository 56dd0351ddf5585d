//! `/api/v1/me/api-keys`: what the page of API keys does. A key or token hands out no
//! more than it has itself.

use audit::Kind;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use oauth::api_key::{KeyInfo, Making, MakingRefusal, PREFIX, Rotating};
use oauth::grant::GrantId;
use oauth::scope::{BASELINE, BadScope, OFFLINE_ACCESS, Scope, Scopes};
use platform::tools;
use rest::shape::{self, Key, KeyWithText, List, MakeKey, RotateKey};
use rest::{BASE, Code};

use super::caller::Caller;
use super::input::Input;
use super::{Answered, Refused, done, json};
use crate::account::api_keys::told::words;
use crate::app::App;
use crate::error::doing;
use crate::oauth::scopes;
use crate::store::api_keys::MadeText;
use crate::store::{accounts, api_keys};

/// `GET /me/api-keys`.
pub(super) async fn list(app: &App, caller: &Caller, input: &Input) -> Answered {
    let held = accounts::overview(app, &caller.account).await?;
    let keys = held.keys.iter().map(|info| key(info, input.now));
    Ok(json(StatusCode::OK, &List::whole(keys.collect())))
}

/// `GET /me/api-keys/{id}`.
pub(super) async fn show(app: &App, caller: &Caller, input: &Input) -> Answered {
    let info = find(app, caller, input.name()).await?;
    Ok(json(StatusCode::OK, &key(&info, input.now)))
}

/// `POST /me/api-keys`.
pub(super) async fn make(app: &App, caller: &Caller, input: &Input) -> Answered {
    let asked: MakeKey = input.body()?;
    if !shape::is_name(&asked.name) {
        return Err(refused(MakingRefusal::Name));
    }
    let life = shape::LIFE_SECONDS_MIN..=shape::LIFE_SECONDS_MAX;
    if !life.contains(&asked.life_seconds) {
        let detail = "`life_seconds` is from 3600, an hour, to 31622400, a year.";
        return Err(Refused::new(Code::Invalid, detail));
    }
    let making = Making {
        scopes: wanted(app, caller, &asked.scopes).await?,
        name: asked.name,
        life_s: asked.life_seconds,
        identity: caller.identity.clone(),
        form: input.sent_for("make")?,
    };
    let made = api_keys::make(app, &caller.account, &making).await?;
    let made = made.map_err(refused)?;
    record(app, caller, "make", &made.0.info);
    let place = format!("{BASE}/me/api-keys/{}", made.0.info.id);
    let mut response = json(StatusCode::CREATED, &with_text(made, input.now));
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// `POST /me/api-keys/{id}/rotate`.
pub(super) async fn rotate(app: &App, caller: &Caller, input: &Input) -> Answered {
    let asked: RotateKey = input.body()?;
    if !(0..=shape::OVERLAP_SECONDS_MAX).contains(&asked.overlap_seconds) {
        let detail = "`overlap_seconds` is from 0 to 604800, a week.";
        return Err(Refused::new(Code::Invalid, detail));
    }
    let info = find(app, caller, input.name()).await?;
    // Whoever rotates a key gets its text, and with it all that it may do.
    if let Some(granted) = caller.granted()
        && let Some(beyond) = beyond(&info.scopes, granted)
    {
        let detail = format!(
            "That key has the scope {beyond}, and yours has not: use one that goes as far, or the \
             page /account/api-keys."
        );
        return Err(Refused::new(Code::Forbidden, detail));
    }
    let rotating = Rotating {
        id: info.id,
        overlap_s: asked.overlap_seconds,
        form: input.sent_for("rotate")?,
    };
    let made = api_keys::rotate(app, &caller.account, &rotating).await?;
    let made = made.map_err(refused)?;
    record(app, caller, "rotate", &made.0.info);
    Ok(json(StatusCode::OK, &with_text(made, input.now)))
}

/// `DELETE /me/api-keys/{id}`: twice is the same as once.
pub(super) async fn revoke(app: &App, caller: &Caller, input: &Input) -> Answered {
    let info = find(app, caller, input.name()).await?;
    if api_keys::revoke(app, &caller.account, &info.id).await? {
        record(app, caller, "revoke", &info);
        app.note_end(info.id);
    }
    Ok(done())
}

/// Records what was done to a key, by whatever asked.
fn record(app: &App, caller: &Caller, name: &str, info: &KeyInfo) {
    caller
        .happening(app, Kind::Key, name)
        .to(&format!("{} ({})", info.name, info.id))
        .permitting(&info.scopes.names().join(" "))
        .note();
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<KeyInfo, Refused> {
    let held = accounts::overview(app, &caller.account).await?;
    let id = GrantId::trusted(id.to_owned());
    let found = held.keys.into_iter().find(|info| info.id == id);
    found.ok_or_else(Refused::nothing)
}

/// The scopes that a new key shall have, if they exist and the caller has them all.
async fn wanted(app: &App, caller: &Caller, names: &[String]) -> Result<Scopes, Refused> {
    let special = [BASELINE, OFFLINE_ACCESS];
    let is_scope = |name: &String| special.contains(&name.as_str()) || Scope::parse(name).is_some();
    if names.len() > shape::SCOPES_MAX || !names.iter().all(is_scope) {
        let detail = "`scopes` has at most 56 names of scopes, such as notes:read.";
        return Err(Refused::new(Code::Invalid, detail));
    }
    let catalog = tools::catalog(&app.env).await;
    let catalog = catalog.map_err(doing("asking for the tools"))?;
    let asked = scopes::existing(&catalog).asked(Some(&names.join(" ")));
    let asked = asked.map_err(|bad| match bad {
        BadScope::Undecided => Refused::new(
            Code::Unavailable,
            "One of the scopes may exist, and a Worker with tools does not answer now.",
        ),
        BadScope::Malformed | BadScope::Unknown | BadScope::Wider => Refused::new(
            Code::Forbidden,
            "One of the scopes does not exist. The page /account/api-keys lists those you can give.",
        ),
    })?;
    let bound = caller.standing.bound();
    let given = match caller.scopes() {
        Some(own) => own,
        None => bound.of_scopes(&asked),
    };
    match beyond(&asked, &given) {
        None => Ok(asked),
        Some(scope) => {
            let detail = format!("You cannot give the scope {scope}: you do not have it here.");
            Err(Refused::new(Code::Forbidden, detail))
        }
    }
}

/// A scope that the others do not have.
fn beyond<'a>(scopes: &'a Scopes, others: &Scopes) -> Option<&'a str> {
    let mut beyond = scopes.beyond_baseline();
    let found = beyond.find(|scope| !others.contains(scope));
    found.map(Scope::as_str)
}

fn refused(why: MakingRefusal) -> Refused {
    let code = match why {
        MakingRefusal::Name | MakingRefusal::Life => Code::Invalid,
        MakingRefusal::NameTaken => Code::Conflict,
        MakingRefusal::Full => Code::Full,
        MakingRefusal::Repeated => Code::Repeated,
        MakingRefusal::Gone => Code::NotFound,
        MakingRefusal::Disabled => Code::Forbidden,
    };
    Refused::new(code, words(why))
}

fn with_text((made, text): MadeText, now: Timestamp) -> KeyWithText {
    KeyWithText {
        key: key(&made.info, now),
        text: text.0,
    }
}

fn key(info: &KeyInfo, now: Timestamp) -> Key {
    Key {
        id: info.id.as_str().to_owned(),
        name: info.name.clone(),
        begins: format!("{PREFIX}{}", info.id),
        scopes: info.scopes.names(),
        state: Key::state(info.revoked, info.expires, now),
        created: info.created,
        secret_since: info.secret_since,
        expires: info.expires,
        last_used: info.used,
        former_secret_until: info.former_until,
        revoked: info.revoked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_does_not_have_one_does_not_give() {
        let scopes = |text| Scopes::read(Some(text)).unwrap();
        let own = scopes("notes:read account:write");
        assert_eq!(beyond(&scopes("notes:read"), &own), None);
        assert_eq!(beyond(&scopes(""), &own), None);
        let more = scopes("notes:read notes:write");
        assert_eq!(beyond(&more, &own), Some("notes:write"));
        assert_eq!(beyond(&own, &scopes("")), Some("account:write"));
    }
}
