//! What a person is told of their keys, in words.

use http::StatusCode;
use oauth::api_key::{BadKey, KeyRefusal, MakingRefusal, Shown};
use oauth::identity::AccountId;

use crate::app::App;
use crate::error::Error;
use crate::store::api_keys;

/// What its owner is told of a key. Somebody else's is as unknown as one that is not.
pub(super) async fn look(
    app: &App,
    account: &AccountId,
    text: &str,
) -> Result<&'static str, Error> {
    let read = match app.config.keys.key_texts.read(text.trim()) {
        Ok(read) => read,
        Err(BadKey::Malformed) => return Ok("That is no key: it is mistyped, or cut off."),
        Err(BadKey::MadeUp) => {
            return Ok("This server did not make that key, or its secret was replaced since.");
        }
    };
    let shown = Shown {
        id: read.id,
        hash: read.hash,
        used: false,
    };
    let checked = if read.account == *account {
        api_keys::check(app, account, &shown).await?.map(drop)
    } else {
        Err(KeyRefusal::Unknown)
    };
    Ok(match checked {
        Ok(()) => "That key of yours is good.",
        Err(KeyRefusal::Unknown) => "That is no key of yours, or one that ended long ago.",
        Err(KeyRefusal::Revoked) => "That key of yours was revoked.",
        Err(KeyRefusal::Expired) => "That key of yours has expired.",
        Err(KeyRefusal::Rotated) => "That key of yours was rotated, and has another secret now.",
        Err(KeyRefusal::Disabled) => words(MakingRefusal::Disabled),
    })
}

/// How HTTP says that no key was made.
pub(super) fn status(refused: MakingRefusal) -> StatusCode {
    match refused {
        MakingRefusal::Name | MakingRefusal::Life => StatusCode::BAD_REQUEST,
        MakingRefusal::NameTaken
        | MakingRefusal::Full
        | MakingRefusal::Repeated
        | MakingRefusal::Gone => StatusCode::CONFLICT,
        MakingRefusal::Disabled => StatusCode::FORBIDDEN,
    }
}

/// Why no key was made.
pub(crate) fn words(refused: MakingRefusal) -> &'static str {
    match refused {
        MakingRefusal::Name => "Give the key a name of 1 to 60 characters.",
        MakingRefusal::NameTaken => "Another key of yours has that name.",
        MakingRefusal::Life => "A key is good for a year at most.",
        MakingRefusal::Full => "There are too many keys: revoke one that is not used.",
        MakingRefusal::Repeated => {
            "This was done before, and not again. A key is shown once: if it is lost, rotate it."
        }
        MakingRefusal::Gone => "There is no such key any more.",
        MakingRefusal::Disabled => "Your account is disabled.",
    }
}
