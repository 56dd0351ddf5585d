//! How a key is presented: in `X-API-Key`, or as a bearer token (RFC 6750
//! section 2.1). One in the URL is never looked at.

use super::PREFIX;
use crate::bearer::{Presented, Refusal, Scheme};

/// The field for keys.
pub const FIELD: &str = "x-api-key";

/// The key that a request presents, if it presents one. `authorized` says whether
/// there is an `Authorization` field, and `token` what stands in it. Two
/// credentials are refused: nobody could tell which one counts (RFC 6750
/// section 2).
pub fn presented<'a>(
    authorized: bool,
    token: Presented<'a>,
    fields: impl IntoIterator<Item = &'a str>,
) -> Result<Option<&'a str>, Refusal> {
    let mut fields = fields.into_iter();
    match (fields.next(), fields.next()) {
        (Some(_), Some(_)) => Err(Refusal::InvalidRequest),
        (Some(_), None) if authorized => Err(Refusal::InvalidRequest),
        (Some(text), None) => Ok(Some(text)),
        (None, _) => Ok(match token {
            Presented::Token(Scheme::Bearer, text) if text.starts_with(PREFIX) => Some(text),
            Presented::Token(..) | Presented::Nothing | Presented::Malformed => None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bearer;

    fn found<'a>(
        authorization: &'a [&'a str],
        keys: &'a [&'a str],
    ) -> Result<Option<&'a str>, Refusal> {
        let token = bearer::presented(authorization.iter().copied());
        presented(!authorization.is_empty(), token, keys.iter().copied())
    }

    /// RFC 6750 section 2.
    #[test]
    fn a_key_is_found_in_one_field_and_beside_no_other_credential() {
        assert_eq!(found(&[], &["sessile_a"]), Ok(Some("sessile_a")));
        assert_eq!(found(&["Bearer sessile_a"], &[]), Ok(Some("sessile_a")));
        for authorization in [
            &[][..],
            &["Bearer a.b.c"],
            &["DPoP sessile_a"],
            &["Basic eA=="],
        ] {
            assert_eq!(found(authorization, &[]), Ok(None), "{authorization:?}");
        }
        let two = Err(Refusal::InvalidRequest);
        assert_eq!(found(&["Bearer a.b.c"], &["sessile_a"]), two);
        assert_eq!(found(&["Bearer sessile_a"], &["sessile_a"]), two);
        assert_eq!(found(&["Basic eA=="], &["sessile_a"]), two);
        assert_eq!(found(&[], &["sessile_a", "sessile_a"]), two);
    }
}
