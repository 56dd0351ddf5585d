//! What can go wrong in front of a person: what happened, and what to do.

use http::StatusCode;
use oauth::authorize::{AuthorizeRequest, PageError};
use oauth::client::BadDocument;
use platform::provider::Trouble;
use web::{Link, MessagePage, Shown};

use crate::account;

/// Something a person has to be told.
#[derive(Debug)]
pub(crate) enum Problem {
    /// There is no such page.
    NoPage,
    /// An app's request that we must not answer to the app.
    Authorize(PageError),
    /// A form that is not ours, or was left open too long.
    Form {
        /// The request it belongs to, if that can still be read.
        restart: Option<Box<AuthorizeRequest>>,
    },
    /// A form that was not sent by the browser it was made for.
    OtherBrowser {
        /// The request it belongs to, if it can be read.
        restart: Option<Box<AuthorizeRequest>>,
    },
    /// The browser does not send our cookie.
    NoCookie {
        /// The request it belongs to, if it can be read.
        restart: Option<Box<AuthorizeRequest>>,
    },
    /// A login that was fetched before, has expired, or never was.
    LoginGone,
    /// A login that was begun in another browser.
    LoginElsewhere,
    /// A form of the account page that was not made for this browser, or was left
    /// open too long.
    AccountForm {
        /// With what it is refused.
        status: StatusCode,
    },
    /// The person's account is disabled.
    Disabled,
    /// Too many requests came from the person's network.
    TooOften,
    /// There is no such provider.
    NoProvider,
    /// A provider did not let the person in.
    Provider {
        /// What its button says.
        label: String,
        /// Why.
        trouble: Trouble,
        /// The request that needs the login, if one does.
        restart: Option<Box<AuthorizeRequest>>,
    },
    /// We failed.
    Ours {
        /// With what.
        status: StatusCode,
    },
}

/// The words of a page.
struct Words<'a> {
    status: StatusCode,
    title: &'static str,
    happened: String,
    todo: &'static str,
    restart: Option<&'a AuthorizeRequest>,
}

impl Problem {
    /// The title of its page: for the log.
    pub(crate) fn title(&self) -> &'static str {
        self.words().title
    }

    /// The page that tells of it.
    pub(super) fn page(&self) -> MessagePage {
        let words = self.words();
        let to_account = |label: &str| Link {
            href: account::PATH.to_owned(),
            label: label.to_owned(),
        };
        let action = match (self, words.restart) {
            (Self::AccountForm { .. }, _) => Some(to_account("Back to your account")),
            (Self::Provider { .. }, None) => Some(to_account("Start again")),
            (_, restart) => restart.map(|request| Link {
                href: format!("/authorize?{}", request.to_query()),
                label: "Start again".to_owned(),
            }),
        };
        MessagePage {
            title: words.title.to_owned(),
            what_happened: Shown::prose(&words.happened),
            what_to_do: Shown::prose(words.todo),
            action,
            status: words.status.as_u16(),
        }
    }

    fn words(&self) -> Words<'_> {
        const FROM_APP: &str = "Go back to your app and connect it again.";
        let bad = |title, happened: &str, todo, restart| Words {
            status: StatusCode::BAD_REQUEST,
            title,
            happened: happened.to_owned(),
            todo,
            restart,
        };
        match self {
            Self::NoPage => Words {
                status: StatusCode::NOT_FOUND,
                ..bad(
                    "There is nothing here",
                    "This address does not belong to any page of this server.",
                    "The start page says how to connect an app.",
                    None,
                )
            },
            Self::Authorize(error) => request(*error),
            Self::Form { restart } => bad(
                "This page was open too long",
                "The form you sent is not valid any more, so nothing was done.",
                restart_or(restart.as_deref(), FROM_APP),
                restart.as_deref(),
            ),
            Self::OtherBrowser { restart } => Words {
                status: StatusCode::FORBIDDEN,
                ..bad(
                    "This page belongs to another login",
                    "The form was not made for this browser as it is logged in now, so nothing \
                     was done. That happens when you log in as somebody else in another tab.",
                    restart_or(restart.as_deref(), FROM_APP),
                    restart.as_deref(),
                )
            },
            Self::NoCookie { restart } => bad(
                "A cookie is missing",
                "This login needs a cookie to make sure that it ends in the browser it began in, \
                 and your browser did not send it.",
                "Allow cookies for this site, and finish the login in the browser you began it \
                 in; then start again.",
                restart.as_deref(),
            ),
            Self::LoginGone => bad(
                "This login is over",
                "It was already finished, or it took longer than ten minutes, or its link was \
                 changed on the way.",
                FROM_APP,
                None,
            ),
            Self::LoginElsewhere => Words {
                status: StatusCode::FORBIDDEN,
                ..bad(
                    "This login was begun in another browser",
                    "The link that brought you here belongs to a login in another browser, or \
                     in another window that keeps its own cookies. Nobody was logged in.",
                    "Finish the login where you began it, or go back to your app and connect it \
                     again.",
                    None,
                )
            },
            Self::Provider {
                label,
                trouble,
                restart,
            } => provider(label, trouble, restart.as_deref()),
            Self::AccountForm { status } => unchanged(*status),
            Self::Disabled => disabled(),
            Self::TooOften => too_often(),
            Self::NoProvider => bad(
                "There is no such way to log in",
                "This server is not configured for the login you chose.",
                FROM_APP,
                None,
            ),
            Self::Ours { status } => Words {
                status: *status,
                ..bad(
                    "This did not work",
                    "Something on our side failed. It is not your fault, and nothing was lost.",
                    "Try again in a minute.",
                    None,
                )
            },
        }
    }
}

/// An app's request that we must not answer to the app.
fn request(error: PageError) -> Words<'static> {
    let todo = match error {
        PageError::NoClient
        | PageError::UnknownClient
        | PageError::RedirectUri
        | PageError::RequestUri
        | PageError::TooMuch => {
            "Connect the app again. If that does not help, remove this server from the app and \
             add it anew, so that the app registers again."
        }
        PageError::DocumentUrl(_) => {
            "Tell whoever makes the app: the address it gives as its client_id has to change."
        }
        PageError::Document(bad) if bad.is_passing() => {
            "Connect the app again in a minute. If that does not help, tell whoever makes the \
             app: the document is at the address that the app gives as its client_id."
        }
        PageError::Document(_) => {
            "Tell whoever makes the app: the document at the address it gives as its client_id \
             has to change."
        }
    };
    let status = match error {
        PageError::Document(BadDocument::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        PageError::NoClient
        | PageError::UnknownClient
        | PageError::DocumentUrl(_)
        | PageError::Document(_)
        | PageError::RedirectUri
        | PageError::RequestUri
        | PageError::TooMuch => StatusCode::BAD_REQUEST,
    };
    Words {
        status,
        title: "The app's request cannot be answered",
        happened: format!("You were sent here by an app, but {error}. Nothing was shared with it."),
        todo,
        restart: None,
    }
}

/// A form of the account page is refused.
fn unchanged(status: StatusCode) -> Words<'static> {
    Words {
        status,
        title: "Nothing was changed",
        happened: "The page was open for too long, or you have logged in anew since it was opened."
            .to_owned(),
        todo: "Go back to your account, and try it there again.",
        restart: None,
    }
}

fn disabled() -> Words<'static> {
    Words {
        status: StatusCode::FORBIDDEN,
        title: "This account is disabled",
        happened: "Whoever runs this server has disabled your account here. Nobody can log in to \
                   it, and no app can use it."
            .to_owned(),
        todo: "If you think that this is a mistake, ask them.",
        restart: None,
    }
}

fn too_often() -> Words<'static> {
    Words {
        status: StatusCode::TOO_MANY_REQUESTS,
        title: "Too many requests",
        happened: "More requests came from your network in a minute than this server takes, so \
                   it did not answer this one. Nothing was changed."
            .to_owned(),
        todo: "Wait for a minute, then load this page again.",
        restart: None,
    }
}

/// A provider did not let the person in; the page always names it.
fn provider<'a>(
    label: &str,
    trouble: &Trouble,
    restart: Option<&'a AuthorizeRequest>,
) -> Words<'a> {
    let words = |status, title, happened, todo| Words {
        status,
        title,
        happened,
        todo,
        restart,
    };
    match trouble {
        Trouble::Refused(code) if code == "access_denied" => words(
            StatusCode::FORBIDDEN,
            "You were not logged in",
            format!("{label} says that the login was cancelled or denied."),
            "If that was a mistake, start again; you can also choose another way to log in.",
        ),
        Trouble::Refused(code) => words(
            StatusCode::BAD_GATEWAY,
            "The login was refused",
            format!("{label} refused the login with the error \u{201c}{code}\u{201d}."),
            "Start again. If it happens each time, tell whoever runs this server.",
        ),
        Trouble::Slow => words(
            StatusCode::GATEWAY_TIMEOUT,
            "The login took too long",
            format!("{label} did not answer in time."),
            "Try again in a minute, or choose another way to log in.",
        ),
        Trouble::Down => words(
            StatusCode::BAD_GATEWAY,
            "The login is not available",
            format!("{label} cannot be reached at the moment."),
            "Try again in a minute, or choose another way to log in.",
        ),
        Trouble::Unusable(why) => words(
            StatusCode::BAD_GATEWAY,
            "The login did not work",
            format!("{label} gave an answer that cannot be trusted: {why}."),
            "Start again. If it happens each time, tell whoever runs this server.",
        ),
    }
}

fn restart_or(restart: Option<&AuthorizeRequest>, otherwise: &'static str) -> &'static str {
    if restart.is_some() {
        "Start again; it takes a moment."
    } else {
        otherwise
    }
}
