//! The headers that repeat the body of a stateless request (M-HDR-01 to 03).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::Headers;
use crate::envelope::Request;

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    uri: Option<Cow<'a, str>>,
    #[serde(rename = "taskId", borrow, default)]
    task: Option<Cow<'a, str>>,
}

/// Whether `Mcp-Method` and `Mcp-Name` say what the body says.
pub(super) fn check(headers: Headers<'_>, request: &Request<'_>) -> Result<(), &'static str> {
    match headers.method.map(str::trim) {
        None => return Err("Mcp-Method is required"),
        Some(method) if method != request.method => {
            return Err("Mcp-Method and the body name different methods");
        }
        Some(_) => {}
    }
    let Some(named) = name_in_body(request)? else {
        return Ok(());
    };
    let Some(header) = headers.name else {
        return Err("Mcp-Name is required");
    };
    match decode_value(header.trim()) {
        None => Err("Mcp-Name is not valid base64 of UTF-8"),
        Some(value) if value != named => Err("Mcp-Name and the body name different things"),
        Some(_) => Ok(()),
    }
}

/// The name that `Mcp-Name` must repeat, for methods that have one. A body
/// without it is a fault of the params, which the method itself reports.
fn name_in_body<'a>(request: &Request<'a>) -> Result<Option<Cow<'a, str>>, &'static str> {
    let Some(params) = request.params.text() else {
        return Ok(None);
    };
    let read = || {
        serde_json::from_str::<Named<'a>>(params.get())
            .map_err(|_| "the name in the body cannot be compared with Mcp-Name")
    };
    match request.method.as_ref() {
        "tools/call" | "prompts/get" => Ok(read()?.name),
        "resources/read" => Ok(read()?.uri),
        "tasks/get" | "tasks/update" | "tasks/cancel" => Ok(read()?.task),
        _ => Ok(None),
    }
}

/// The value of a header that may be wrapped as `=?base64?…?=` (M-HDR-03);
/// none if the wrapped text is not strict base64 of UTF-8.
pub fn decode_value(header: &str) -> Option<Cow<'_, str>> {
    let Some(wrapped) = header
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="))
    else {
        return Some(Cow::Borrowed(header));
    };
    String::from_utf8(STANDARD.decode(wrapped).ok()?)
        .ok()
        .map(Cow::Owned)
}

/// The value as a header can carry it: wrapped unless it is visible ASCII
/// that nobody could take for a wrapper.
pub fn encode_value(value: &str) -> Cow<'_, str> {
    let plain = value.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if plain && !value.starts_with("=?base64?") {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("=?base64?{}?=", STANDARD.encode(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back_through_a_header() {
        for value in [
            "echo",
            "ü",
            "",
            " padded ",
            "=?base64?eA==?=",
            "line\nbreak",
        ] {
            assert_eq!(
                decode_value(&encode_value(value)).as_deref(),
                Some(value),
                "{value}"
            );
        }
    }

    /// Checklist M-HDR-03.
    #[test]
    fn only_the_exact_wrapper_is_decoded_and_only_strictly() {
        for (header, value) in [
            ("echo", Some("echo")),
            ("=?base64?w7w=?=", Some("ü")),
            ("=?base64?w7w?=", None),
            ("=?base64?w7w=", Some("=?base64?w7w=")),
            ("=?BASE64?w7w=?=", Some("=?BASE64?w7w=?=")),
            ("=?base64?_-8=?=", None),
            ("=?base64?/w==?=", None),
        ] {
            assert_eq!(decode_value(header).as_deref(), value, "{header}");
        }
    }
}
