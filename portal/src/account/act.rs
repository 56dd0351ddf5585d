//! `POST /account`: ends a grant, a session or login sessions.

use audit::Kind;
use http::{Response, StatusCode};
use oauth::form::Parameters;
use oauth::grant::GrantId;
use platform::account::SignOut;
use platform::answer::Body;
use platform::clock;
use worker::HttpRequest;

use super::PATH;
use super::notice::Notice;
use crate::app::App;
use crate::error::Error;
use crate::login::form::{self, ACCOUNT};
use crate::login::session::{self, SignedIn};
use crate::page::{self, Problem};
use crate::records::Happening;
use crate::store::accounts;

/// Longest name of a grant or session, and longest key of a login session, in
/// characters: ours are shorter.
const NAME_CHARS_MAX: usize = 64;

/// What the button says that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// `revoke`: end a grant.
    Revoke(GrantId),
    /// `end`: end a session.
    End(String),
    /// `sign-out`: sign this browser out, …
    SignOut,
    /// … the others, …
    SignOutOthers,
    /// … all, …
    SignOutAll,
    /// … or one of them.
    SignOutOne(String),
}

impl Asked {
    /// Exactly one button.
    fn read(sent: &Parameters) -> Option<Self> {
        let name = |field| sent.get(field).filter(|text| text.len() <= NAME_CHARS_MAX);
        match (name("revoke"), name("end"), name("sign-out")) {
            (Some(grant), None, None) => Some(Self::Revoke(GrantId::trusted(grant.to_owned()))),
            (None, Some(session), None) => Some(Self::End(session.to_owned())),
            (None, None, Some("this")) => Some(Self::SignOut),
            (None, None, Some("others")) => Some(Self::SignOutOthers),
            (None, None, Some("all")) => Some(Self::SignOutAll),
            (None, None, Some(key)) => Some(Self::SignOutOne(key.to_owned())),
            _ => None,
        }
    }
}

/// Does what was asked, if the form was made for this browser as it is logged in.
/// Names lead to what the account itself holds, and to nothing else.
pub(crate) async fn act(app: &App, request: HttpRequest) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let (parts, body) = request.into_parts();
    let read = form::read(app, &parts.headers, body, now).await;
    let form = read.map_err(in_words_of_the_page)?;
    let Some(signed_in) = session::current(app, &parts.headers, now).await? else {
        return Ok(page::redirect(PATH));
    };
    form.confirm(app, ACCOUNT, &signed_in.holder)
        .map_err(in_words_of_the_page)?;
    let asked = Asked::read(&form.parameters).ok_or(Problem::AccountForm {
        status: StatusCode::BAD_REQUEST,
    })?;
    let notice = perform(app, &signed_in, asked).await?;
    let mut response = page::redirect(&format!("{PATH}?done={}", notice.name()));
    if matches!(notice, Notice::SignedOut | Notice::SignedOutAll) {
        session::clear(app, &mut response);
    }
    Ok(response)
}

async fn perform(app: &App, signed_in: &SignedIn, asked: Asked) -> Result<Notice, Error> {
    let account = &signed_in.session.account;
    let this = signed_in.holder.clone();
    let (which, notice) = match asked {
        Asked::Revoke(grant) => {
            // Somebody else's is not forgotten here, either.
            if accounts::withdraw(app, account, &grant).await? {
                let done = Happening::of(app, Kind::Revocation, "withdraw", account);
                done.with_grant(&grant).note();
                app.note_end(grant);
            }
            return Ok(Notice::Revoked);
        }
        Asked::End(name) => {
            accounts::end_session(app, account, &name).await?;
            let done = Happening::of(app, Kind::Revocation, "end a session", account);
            done.to(&name).note();
            return Ok(Notice::Ended);
        }
        Asked::SignOutOne(key) if key == this => (SignOut::One(key), Notice::SignedOut),
        Asked::SignOutOne(key) => (SignOut::One(key), Notice::SignedOutOne),
        Asked::SignOut => (SignOut::One(this), Notice::SignedOut),
        Asked::SignOutOthers => (SignOut::Others(this), Notice::SignedOutOthers),
        Asked::SignOutAll => (SignOut::All, Notice::SignedOutAll),
    };
    session::end(app, account, &which).await?;
    let done = Happening::of(app, Kind::Login, "sign out", account);
    done.to(notice.name()).note();
    Ok(notice)
}

/// A form that is refused on other pages belongs to a login; here, nothing was
/// begun that could be started again.
pub(super) fn in_words_of_the_page(error: Error) -> Error {
    let Error::Page(problem) = &error else {
        return error;
    };
    let status = if matches!(**problem, Problem::OtherBrowser { .. }) {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::BAD_REQUEST
    };
    Problem::AccountForm { status }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: &str) -> Option<Asked> {
        Asked::read(&Parameters::parse(sent).unwrap())
    }

    #[test]
    fn exactly_one_button_is_pressed() {
        assert_eq!(read("end=s"), Some(Asked::End("s".to_owned())));
        assert_eq!(read("sign-out=this"), Some(Asked::SignOut));
        assert_eq!(
            read("sign-out=key"),
            Some(Asked::SignOutOne("key".to_owned()))
        );
        let long = format!("revoke={}", "x".repeat(NAME_CHARS_MAX + 1));
        for sent in ["", "revoke=", "revoke=a&end=b", "end=a&end=b", &long] {
            assert_eq!(read(sent), None, "{sent}");
        }
    }
}
