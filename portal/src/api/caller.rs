//! Who asks, and whether they may.

use audit::Kind;
use http::header;
use jiff::Timestamp;
use oauth::access::Claims;
use oauth::allowance::{Allowance, Judgement};
use oauth::api_key::{Checked, Shown};
use oauth::bearer::{Challenge, Refusal};
use oauth::identity::{AccountId, Identity};
use oauth::metadata::path;
use oauth::role::Standing;
use oauth::scope::Scopes;
use platform::credential::{self, Credential};
use platform::{host, random};
use rest::{ACCOUNT_READ, ACCOUNT_WRITE, CSRF_FIELD, Code, Needs, Operation};
use worker::HttpRequest;

use super::Refused;
use crate::app::App;
use crate::error::Error;
use crate::login::form::from_elsewhere;
use crate::login::session::{self, SignedIn};
use crate::records::Happening;
use crate::store::{accounts, api_keys, roles, vault};

/// What the token of a browser is for.
const API: &str = "api";
/// Longest such token, in characters: ours are shorter.
const TOKEN_CHARS_MAX: usize = 1_024;

/// Who asks.
#[derive(Debug)]
pub(super) struct Caller {
    /// Whose account it is.
    pub(super) account: AccountId,
    /// Who that is.
    pub(super) identity: Identity,
    /// Their roles, as they are now.
    pub(super) standing: Standing,
    /// What showed it.
    pub(super) by: By,
}

/// What shows who asks.
#[derive(Debug)]
pub(super) enum By {
    /// An API key.
    Key(Box<Checked>),
    /// An app's access token.
    Token(Box<Claims>),
    /// The login session of a browser.
    Browser(Box<SignedIn>),
}

/// Whoever asks, if they may do what they ask for; nobody, if anybody may.
pub(super) async fn let_in(
    app: &App,
    request: &HttpRequest,
    operation: &Operation,
    now: Timestamp,
) -> Result<Option<Caller>, Refused> {
    let permission = match operation.needs {
        Needs::Nothing => return Ok(None),
        Needs::Caller => None,
        Needs::Permission(permission) => Some(permission),
    };
    let caller = identified(app, request, now).await?;
    if let By::Browser(signed_in) = &caller.by
        && !operation.verb.is_safe()
        && !confirmed(app, request, signed_in, now)
    {
        return Err(Refused::new(
            Code::Csrf,
            "Beside a login session, send the `csrf_token` of GET /api/v1/me in X-CSRF-Token; it \
             is good for an hour.",
        ));
    }
    let Some(permission) = permission else {
        return Ok(Some(caller));
    };
    match caller.judge(permission) {
        Judgement::Allowed => Ok(Some(caller)),
        Judgement::Beyond => Err(Refused::nothing()),
        Judgement::Insufficient => {
            let scopes = caller.allowance().with(permission);
            let challenge = challenge(app, request, Refusal::InsufficientScope, scopes);
            let detail = format!("This needs a key or token with the scope {permission}.");
            let refused = Refused::challenged(Code::InsufficientScope, &detail, &challenge);
            Err(refused)
        }
    }
}

impl Caller {
    /// What of the caller's scopes their roles allow now. A browser acts for its user,
    /// and has none.
    pub(super) fn scopes(&self) -> Option<Scopes> {
        let bound = self.standing.bound();
        self.granted().map(|scopes| bound.of_scopes(scopes))
    }

    /// The scopes of the key or token, whatever the roles allow.
    pub(super) fn granted(&self) -> Option<&Scopes> {
        match &self.by {
            By::Key(checked) => Some(&checked.info.scopes),
            By::Token(claims) => Some(&claims.scope),
            By::Browser(_) => None,
        }
    }

    /// Whether the caller may do what needs a permission. Everybody may look after
    /// their own account in their own browser, as on its page.
    pub(super) fn judge(&self, permission: &str) -> Judgement {
        if self.granted().is_some() {
            return self.allowance().judge(permission);
        }
        let own = [ACCOUNT_READ, ACCOUNT_WRITE].contains(&permission);
        if own || self.standing.bound().may_use(permission) {
            Judgement::Allowed
        } else {
            Judgement::Beyond
        }
    }

    /// What the caller has done, to be recorded: by whom, and with what.
    pub(super) fn happening<'a>(&self, app: &'a App, kind: Kind, name: &str) -> Happening<'a> {
        let done = Happening::of(app, kind, name, &self.account);
        let done = done.named(self.identity.name.as_deref());
        match &self.by {
            By::Key(checked) => {
                let info = &checked.info;
                let done = done.with_client(&info.client_id(), Some(&info.name));
                done.with_grant(&info.id)
            }
            By::Token(claims) => {
                let name = claims.client_name.as_deref();
                let done = done.with_client(&claims.client_id, name);
                done.with_grant(&claims.sid)
            }
            By::Browser(_) => done,
        }
    }

    /// Records what an admin has done, before the answer.
    pub(super) async fn record_admin(
        &self,
        app: &App,
        name: &str,
        target: &str,
        what: Option<&str>,
    ) -> Result<(), Error> {
        let done = self.happening(app, Kind::Admin, name).to(target);
        match what {
            Some(what) => done.permitting(what).settle().await,
            None => done.settle().await,
        }
    }

    fn allowance(&self) -> Allowance {
        Allowance {
            scopes: self.scopes().unwrap_or_default(),
            bound: self.standing.bound(),
        }
    }
}

/// What a browser has to send beside its login session.
pub(super) fn csrf_token(app: &App, holder: &str, now: Timestamp) -> Result<String, Error> {
    let csrf = &app.config.keys.csrf;
    let sealed = csrf.seal(None, now, random::bytes()?);
    let tag = csrf.token(API, holder, &sealed);
    Ok(format!("{sealed}.{tag}"))
}

/// Whether a browser has sent it.
fn confirmed(app: &App, request: &HttpRequest, signed_in: &SignedIn, now: Timestamp) -> bool {
    let mut sent = request.headers().get_all(CSRF_FIELD).iter();
    let (Some(token), None) = (sent.next(), sent.next()) else {
        return false;
    };
    let token = token.to_str().unwrap_or_default();
    let csrf = &app.config.keys.csrf;
    token.len() <= TOKEN_CHARS_MAX
        && token.rsplit_once('.').is_some_and(|(sealed, tag)| {
            csrf.confirms(tag, API, &signed_in.holder, sealed) && csrf.open(sealed, now).is_some()
        })
}

async fn identified(app: &App, request: &HttpRequest, now: Timestamp) -> Result<Caller, Refused> {
    let config = &app.config;
    let read = credential::read(&config.public_origin, &config.access_tokens, request, now);
    let (account, identity, by) = match read {
        Ok(Credential::Key(text)) => by_key(app, text)
            .await?
            .ok_or_else(|| not_good(app, request, Refusal::InvalidToken))?,
        // Here each request asks its account: what has ended does nothing any more.
        Ok(Credential::Token(claims)) => {
            let stands = accounts::stands(&app.env, claims.sub.as_str(), &claims.sid);
            if !stands.await? {
                return Err(not_good(app, request, Refusal::InvalidToken));
            }
            (claims.sub.clone(), claims.idp.clone(), By::Token(claims))
        }
        Ok(Credential::Nothing) => by_browser(app, request, now).await?,
        Err((refusal, _)) => return Err(not_good(app, request, refusal)),
    };
    Ok(Caller {
        standing: roles::standing(app, &account).await?,
        account,
        identity,
        by,
    })
}

type Identified = (AccountId, Identity, By);

/// Whose key it is; why one is not good is in the log, and for its owner to see.
async fn by_key(app: &App, text: &str) -> Result<Option<Identified>, Error> {
    let read = match app.config.keys.key_texts.read(text) {
        Ok(read) => read,
        Err(bad) => {
            worker::console_log!("API key refused: {bad}");
            return Ok(None);
        }
    };
    let shown = Shown {
        id: read.id,
        hash: read.hash,
        used: true,
    };
    let checked = match api_keys::check(app, &read.account, &shown).await? {
        Ok(checked) => checked,
        Err(reason) => {
            worker::console_log!("API key refused: {reason}");
            return Ok(None);
        }
    };
    let identity = checked.info.identity.clone();
    // One who is gone at their provider finds the next check refused.
    vault::recheck(app, &read.account, &identity.provider).await;
    Ok(Some((read.account, identity, By::Key(Box::new(checked)))))
}

/// Whoever is logged in with the browser. A page of another site may not ask with it,
/// not even for what changes nothing.
async fn by_browser(
    app: &App,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<Identified, Refused> {
    let fields = request.headers();
    if fields.contains_key(header::COOKIE) && from_elsewhere(app, fields) {
        return Err(Refused::new(
            Code::Csrf,
            "The browser says that this comes from another site's page, which may not use a login \
             session: use a key or token.",
        ));
    }
    match session::current(app, fields, now).await? {
        Some(signed_in) => {
            let session = &signed_in.session;
            let (account, identity) = (session.account.clone(), session.identity.clone());
            Ok((account, identity, By::Browser(Box::new(signed_in))))
        }
        None => Err(not_good(app, request, Refusal::Missing)),
    }
}

/// The answer to who does not show who they are (RFC 6750 section 3.1).
fn not_good(app: &App, request: &HttpRequest, refusal: Refusal) -> Refused {
    let challenge = challenge(app, request, refusal, Scopes::baseline());
    let (code, detail) = match refusal {
        Refusal::Missing => (
            Code::Unauthenticated,
            "Send an API key in X-API-Key, or a key or an access token as Authorization: Bearer.",
        ),
        Refusal::InvalidRequest => (
            Code::Malformed,
            "Send one credential, and in no other place than its field.",
        ),
        Refusal::InvalidToken | Refusal::InvalidProof | Refusal::InsufficientScope => (
            Code::InvalidCredential,
            "The key or token has ended, was cut off, or is not for this server. Whoever owns a \
             key sees why at /account/api-keys.",
        ),
    };
    Refused::challenged(code, detail, &challenge)
}

fn challenge(app: &App, request: &HttpRequest, refusal: Refusal, scopes: Scopes) -> Challenge {
    let scheme = credential::scheme(request);
    let reached = host::reached(&app.config.public_origin, request);
    Challenge {
        refusal,
        scheme,
        resource_metadata: format!("{reached}{}", path::RESOURCE),
        scopes,
    }
}
