//! Who asks with an API key. The portal is asked about it at most once in
//! [`KNOWN_LIFE`](oauth::api_key::KNOWN_LIFE) by each isolate; what was made up costs
//! no I/O.

use std::cell::RefCell;

use jiff::Timestamp;
use oauth::api_key::{KeyRefusal, KeyText, Known, KnownKeys, Shown};
use oauth::grant::GrantId;

use crate::app::App;
use crate::error::Error;
use crate::guard::Principal;
use crate::portal;

thread_local! {
    static KNOWN: RefCell<KnownKeys> = RefCell::default();
}

/// Who asks with this key; `None` if it is not good. Why not is in the log, and for
/// its owner to see.
pub(crate) async fn principal(
    app: &App,
    text: &str,
    now: Timestamp,
) -> Result<Option<Principal>, Error> {
    let known = KNOWN.with_borrow(|known| known.find(text, now));
    let known = match known {
        Some(known) => known,
        None => match app.config.keys.key_texts.read(text) {
            Ok(read) => asked(app, text, read, now).await?,
            Err(bad) => {
                worker::console_log!("API key refused: {bad}");
                return Ok(None);
            }
        },
    };
    match known {
        Ok(known) => Ok(Some(told(app, known, now))),
        Err(reason) => {
            worker::console_log!("API key refused: {reason}");
            Ok(None)
        }
    }
}

/// Forgets a key that has ended, so that it is refused at once by this isolate.
pub(crate) fn forget(id: &GrantId) {
    KNOWN.with_borrow_mut(|known| known.forget(id));
}

async fn asked(
    app: &App,
    text: &str,
    read: KeyText,
    now: Timestamp,
) -> Result<Result<Known, KeyRefusal>, Error> {
    let shown = Shown {
        id: read.id,
        hash: read.hash,
        used: true,
    };
    let known = portal::known(app, &read.account, &shown).await?;
    KNOWN.with_borrow_mut(|keys| keys.keep(text, known.clone(), now));
    Ok(known)
}

/// What is open without a call ends as soon as with a token: then the client comes
/// back, and its user's roles are read anew (checklist §9 Q8).
fn told(app: &App, known: Known, now: Timestamp) -> Principal {
    let allowance = known.allowance();
    let life = now.checked_add(app.config.access_tokens.life);
    let info = known.checked.info;
    Principal {
        expires: life.map_or(known.checked.until, |life| life.min(known.checked.until)),
        allowance,
        account: known.account,
        client_id: info.client_id(),
        client_name: Some(info.name),
        provider: info.identity.provider,
        issuer: info.identity.issuer,
        subject: info.identity.subject,
        display_name: info.identity.name,
        grant: info.id,
        is_of_token: false,
    }
}
