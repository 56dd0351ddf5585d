//! The forms on our pages: their hidden fields, and reading them back.

use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use oauth::authorize::AuthorizeRequest;
use oauth::form::{FORM_BYTES_MAX, Parameters};
use oauth::secret::SecretHash;
use platform::body;
use platform::random;
use web::Hidden;

use crate::app::App;
use crate::error::Error;
use crate::page::Problem;

/// What the token of the login page's forms is for.
pub(crate) const LOGIN: &str = "login";
/// What the token of the consent page's forms is for.
pub(crate) const CONSENT: &str = "consent";
/// What the token of the account page's form is for.
pub(crate) const ACCOUNT: &str = "account";
/// What the token of the forms for API keys is for.
pub(crate) const API_KEYS: &str = "api keys";

/// The field with the sealed request.
const REQUEST: &str = "request";
/// The field with the CSRF token.
const TOKEN: &str = "csrf";

/// A form that was sent to us.
#[derive(Debug)]
pub(crate) struct Form {
    /// All fields.
    pub(crate) parameters: Parameters,
    /// The request that led to the page.
    pub(crate) request: Option<Box<AuthorizeRequest>>,
}

/// The hidden fields of a page's forms, for one action and one holder.
pub(crate) fn fields(
    app: &App,
    request: Option<&AuthorizeRequest>,
    action: &str,
    holder: &str,
    now: Timestamp,
) -> Result<Vec<Hidden>, Error> {
    let csrf = &app.config.keys.csrf;
    let sealed = csrf.seal(request, now, random::bytes()?);
    let token = csrf.token(action, holder, &sealed);
    Ok(vec![
        Hidden::new(REQUEST, sealed),
        Hidden::new(TOKEN, token),
    ])
}

/// Reads a form. One that comes from another site's page is refused here
/// already; the proof is the token, which [`Form::confirm`] checks.
pub(crate) async fn read(
    app: &App,
    fields: &HeaderMap,
    body: worker::Body,
    now: Timestamp,
) -> Result<Form, Error> {
    let body = body::read_in_time(body, FORM_BYTES_MAX).await?;
    let text = body.ok().and_then(|body| String::from_utf8(body).ok());
    let parameters = text.and_then(|text| Parameters::parse(&text).ok());
    let parameters = parameters.ok_or(Problem::Form { restart: None })?;
    let sealed = parameters.get(REQUEST).unwrap_or_default();
    let request = app.config.keys.csrf.open(sealed, now);
    let request = request
        .ok_or(Problem::Form { restart: None })?
        .map(Box::new);
    let form = Form {
        parameters,
        request,
    };
    if from_elsewhere(app, fields) {
        return Err(form.foreign());
    }
    Ok(form)
}

/// Whether the browser says that another site's page sent a request. Our pages
/// name no referrer, so the browser may call their origin `null`; then
/// `Sec-Fetch-Site` still tells them from a stranger's (Fetch standard,
/// Fetch Metadata).
pub(crate) fn from_elsewhere(app: &App, fields: &HeaderMap) -> bool {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let foreign_origin = fields
        .get_all(header::ORIGIN)
        .iter()
        .map(text)
        .any(|origin| origin != "null" && !app.config.public_origin.is_ours(&origin));
    let site = fields.get("sec-fetch-site").map(text);
    foreign_origin || site.is_some_and(|site| site == "cross-site" || site == "same-site")
}

impl Form {
    /// Refuses a form that was not made for this action and this holder.
    pub(crate) fn confirm(&self, app: &App, action: &str, holder: &str) -> Result<(), Error> {
        let field = |name| self.parameters.get(name).unwrap_or_default();
        let csrf = &app.config.keys.csrf;
        if csrf.confirms(field(TOKEN), action, holder, field(REQUEST)) {
            Ok(())
        } else {
            Err(self.foreign())
        }
    }

    /// A name for what this form is sent for: sent again for the same, it has the
    /// same.
    pub(crate) fn named(&self, doing: &str) -> String {
        let sealed = self.parameters.get(REQUEST).unwrap_or_default();
        let named = SecretHash::of(&format!("{sealed}\n{doing}"));
        named.as_str().to_owned()
    }

    /// Where the request that led to the page can be asked again.
    pub(crate) fn restart_path(&self) -> Result<String, Error> {
        let request = self
            .request
            .as_ref()
            .ok_or(Problem::Form { restart: None })?;
        Ok(authorize_path(request))
    }

    fn foreign(&self) -> Error {
        Problem::OtherBrowser {
            restart: self.request.clone(),
        }
        .into()
    }
}

/// Where a request is asked (again).
pub(crate) fn authorize_path(request: &AuthorizeRequest) -> String {
    format!(
        "{}?{}",
        oauth::metadata::path::AUTHORIZE,
        request.to_query()
    )
}
