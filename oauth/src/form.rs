//! Parameters of a query string or a form body.

/// Most parameters in one request; the protocols here need about a dozen.
pub const PARAMETERS_MAX: usize = 64;
/// Longest query string or form body, in bytes. A registration sealed into a
/// `client_id` and a sealed request are the longest values in one.
pub const FORM_BYTES_MAX: usize = 32_768;

/// What was sent, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    repeated: Option<String>,
}

/// A text that is too long, or has too many parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request has too many or too long parameters")]
pub struct TooMuch;

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text.
    pub fn parse(text: &str) -> Result<Self, TooMuch> {
        if text.len() > FORM_BYTES_MAX {
            return Err(TooMuch);
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut repeated = None;
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if pairs.len() == PARAMETERS_MAX {
                return Err(TooMuch);
            }
            if repeated.is_none() && pairs.iter().any(|(known, _)| *known == name) {
                repeated = Some(name.to_string());
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self { pairs, repeated })
    }

    /// Everything but these.
    #[must_use]
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let mut rest = self.clone();
        rest.pairs
            .retain(|(name, _)| !names.contains(&name.as_str()));
        rest
    }

    /// Gives a parameter this value, and no other.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.pairs.retain(|(known, _)| known != name);
        self.pairs.push((name.to_owned(), value.to_owned()));
    }

    /// The parameters as [`Self::parse`] reads them.
    pub(crate) fn to_text(&self) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(&self.pairs);
        text.finish()
    }

    /// The value of a parameter. One without a value counts as absent
    /// (RFC 6749 section 3.1), and so does one that was sent twice.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.pairs.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// The names of all parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// A parameter that was sent more than once, which RFC 6749 section 3.1
    /// forbids.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 section 3.1.
    #[test]
    fn a_parameter_without_value_or_sent_twice_counts_as_absent() {
        let sent = Parameters::parse("a=1&b=&c=2&c=3&d=x%20y+z").unwrap();
        let got = ["a", "b", "c", "d", "e"].map(|name| sent.get(name));
        assert_eq!(got, [Some("1"), None, None, Some("x y z"), None]);
        assert_eq!(sent.repeated(), Some("c"));
    }

    #[test]
    fn too_much_is_refused() {
        assert_eq!(
            Parameters::parse(&"a".repeat(FORM_BYTES_MAX + 1)),
            Err(TooMuch)
        );
        assert_eq!(
            Parameters::parse(&"a&".repeat(PARAMETERS_MAX + 1)),
            Err(TooMuch)
        );
    }
}
