//! A browser without a screen, as far as a login needs one: cookies, redirects, and the first fitting form.
//!
//! It reads forms generically (action, hidden fields, buttons), so that it depends on what a page asks and not on
//! how it is written.

use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Client, RequestBuilder, header, redirect::Policy};
use url::Url;

/// Where the client asks to be sent back. Nobody listens there: the redirect is caught before.
pub const REDIRECT: &str = "http://127.0.0.1:33419/callback";

/// Pages between the authorization URL and the redirect: a login, a consent, and room.
const PAGES_MAX: usize = 6;

/// Walks from the authorization URL over login and consent to the client's redirect, and returns its URL.
pub async fn walk(authorize: &str, user: &str) -> Result<String> {
    let stop = Policy::custom(|attempt| {
        if attempt.url().as_str().starts_with(REDIRECT) {
            attempt.stop()
        } else {
            attempt.follow()
        }
    });
    let browser = Client::builder()
        .cookie_store(true)
        .redirect(stop)
        .build()?;
    let mut request = browser.get(authorize);
    for _ in 0..PAGES_MAX {
        let answer = request.send().await?;
        if let Some(location) = answer.headers().get(header::LOCATION) {
            return Ok(location.to_str()?.to_owned());
        }
        let (status, url) = (answer.status(), answer.url().clone());
        let html = answer.text().await?;
        request = next(&browser, &url, &html, user)
            .with_context(|| format!("{status} at {}: {html:.600}", url.path()))?;
    }
    bail!("no redirect after {PAGES_MAX} pages")
}

/// The form a person would send on this page.
fn next(browser: &Client, url: &Url, html: &str, user: &str) -> Result<RequestBuilder> {
    for form in html.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap_or_default();
        let action = url.join(&attribute(form, "action").unwrap_or_default())?;
        let mut fields = inputs(form);
        match action.path() {
            "/login/start" if fields.iter().any(|(name, _)| name == "name") => {
                fields.retain(|(name, _)| name != "name");
                fields.push(("name".to_owned(), user.to_owned()));
            }
            "/authorize" => {
                let allow = buttons(form)
                    .find(|tag| tag.to_lowercase().contains("allow"))
                    .context("no button to allow")?;
                if let Some(name) = attribute(allow, "name") {
                    fields.push((name, attribute(allow, "value").unwrap_or_default()));
                }
            }
            _ => continue,
        }
        // A page without referrer posts with the origin `null`: Fetch standard, "append a request Origin header".
        return Ok(browser
            .post(action)
            .header(header::ORIGIN, "null")
            .form(&fields));
    }
    Err(anyhow!("no form to log in or to agree"))
}

fn inputs(form: &str) -> Vec<(String, String)> {
    let tags = form
        .split("<input")
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap_or_default());
    tags.filter_map(|tag| {
        Some((
            attribute(tag, "name")?,
            attribute(tag, "value").unwrap_or_default(),
        ))
    })
    .collect()
}

fn buttons(form: &str) -> impl Iterator<Item = &str> {
    form.split("<button")
        .skip(1)
        .map(|tag| tag.split("</button>").next().unwrap_or_default())
}

/// The value of the first attribute with this name.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag.get(start..)?.split('"').next()?;
    Some(unescape(value))
}

/// Resolves the entities that a template engine writes into attributes.
fn unescape(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let resolved = part
            .split_once(';')
            .and_then(|(entity, rest)| Some((character(entity)?, rest)));
        match resolved {
            Some((character, rest)) => {
                plain.push(character);
                plain.push_str(rest);
            }
            None => {
                plain.push('&');
                plain.push_str(part);
            }
        }
    }
    plain
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = entity.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
