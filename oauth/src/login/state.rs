//! The `state` of a login at a provider: a random name with a MAC over it and
//! the provider. So a made-up one is recognised without looking anything up,
//! and one provider's answer cannot end another's login (RFC 9700 section 4.4).

use crate::encoding;
use crate::secret::{MacKey, RootSecret};

/// Makes and reads states.
#[derive(Debug, Clone)]
pub struct States(MacKey);

impl States {
    /// The states of this deployment.
    pub fn new(root: &RootSecret) -> Self {
        Self(root.brief_mac_key("login state"))
    }

    /// A new name for a login, and its state.
    pub fn new_state(&self, provider: &str, random: [u8; 16]) -> (String, String) {
        let id = encoding::encode(random);
        let state = format!("{id}.{}", self.0.tag(&[provider, &id]));
        (id, state)
    }

    /// The name in a state; `None` if we did not make it for this provider.
    pub fn read<'a>(&self, provider: &str, state: &'a str) -> Option<&'a str> {
        let (id, tag) = state.split_once('.')?;
        self.0.confirms(tag, &[provider, id]).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checklist SEC-05.
    #[test]
    fn only_a_state_of_ours_for_this_provider_has_a_name() {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        let states = States::new(&RootSecret::parse(&root).unwrap());
        let (id, state) = states.new_state("github", [1; 16]);
        assert_eq!(states.read("github", &state), Some(id.as_str()));
        assert_eq!(states.read("acme", &state), None);
        let other = format!(
            "{}.{}",
            encoding::encode([2; 16]),
            state.split_once('.').unwrap().1
        );
        for made in ["", ".", &id, &format!("{id}."), &other, &state[1..]] {
            assert_eq!(states.read("github", made), None, "{made}");
        }
    }
}
