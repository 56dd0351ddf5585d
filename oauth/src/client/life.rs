//! For how long a document may be kept (CIMD section 4.4, RFC 9111; checklist
//! AS-16).

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// Shortest time for which a document is kept, whatever its host says: a login
/// reads it at every page, and takes about so long.
pub const KEPT_MIN: SignedDuration = SignedDuration::from_mins(1);
/// Longest time for which a document is kept, whatever its host says: a
/// redirect URI that was taken out should be refused a day later.
pub const KEPT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How long a document is kept whose host says nothing about that: as long as
/// clients may keep our own.
pub const KEPT_UNSAID: SignedDuration = SignedDuration::from_mins(5);

/// What a host said about keeping its document (RFC 9111 section 5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheFields {
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Age`.
    pub age: Option<String>,
    /// `Date`.
    pub date: Option<String>,
    /// `Expires`.
    pub expires: Option<String>,
}

/// How long a document may be kept from now on; `None` if it may not be at all.
///
/// An isolate is a shared cache (RFC 9111 section 1), and all it answers with
/// is its own. What it may keep but would have to ask about again (`no-cache`)
/// is kept for [`KEPT_MIN`].
pub fn kept_for(said: &CacheFields, now: Timestamp) -> Option<SignedDuration> {
    let control = said.cache_control.as_deref().unwrap_or_default();
    let directives: Vec<(String, &str)> = control
        .split(',')
        .map(|directive| directive.split_once('=').unwrap_or((directive, "")))
        .map(|(name, value)| {
            (
                name.trim().to_ascii_lowercase(),
                value.trim().trim_matches('"'),
            )
        })
        .collect();
    let directive = |wanted: &str| {
        let mut found = directives.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| *value)
    };
    if directive("no-store").is_some() || directive("private").is_some() {
        return None;
    }
    let said_age = directive("s-maxage").or_else(|| directive("max-age"));
    let life = match said_age {
        _ if directive("no-cache").is_some() => SignedDuration::ZERO,
        // A number that cannot be read is stale (section 4.2.1).
        Some(seconds) => seconds_in(seconds).unwrap_or_default() - age(said),
        None => match said.expires.as_deref() {
            // So is a date that cannot be read (section 5.3).
            Some(expires) => date_in(expires).map_or(SignedDuration::ZERO, |expires| {
                let date = said.date.as_deref().and_then(date_in).unwrap_or(now);
                expires.duration_since(date) - age(said)
            }),
            None => KEPT_UNSAID,
        },
    };
    Some(life.clamp(KEPT_MIN, KEPT_MAX))
}

fn age(said: &CacheFields) -> SignedDuration {
    let age = said.age.as_deref().and_then(seconds_in);
    age.unwrap_or_default()
}

/// Seconds, and at most [`KEPT_MAX`]: a larger number means no more.
fn seconds_in(text: &str) -> Option<SignedDuration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let most = KEPT_MAX.as_secs();
    let seconds = || text.parse::<i64>().unwrap_or(most).min(most);
    digits.then(|| SignedDuration::from_secs(seconds()))
}

fn date_in(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .ok()
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
