//! Where a login session was last seen from, so that a person knows it again in
//! a list: a family of browsers, a family of systems, and part of an address.
//!
//! All of it is what a stranger may claim: it decides nothing.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Most of a `User-Agent` field that we look at, in bytes; browsers send less.
const AGENT_BYTES_MAX: usize = 512;

/// Families of browsers, and what their `User-Agent` has in it. Those that name
/// others, too, come before them.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

/// The same of systems.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Where a browser was seen. It has words of ours and digits, nothing that
/// somebody else wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenFrom {
    /// Such as `Firefox on Linux`.
    pub browser: String,
    /// The beginning of the address, such as `192.0.2.*`; empty if it is unknown.
    pub network: String,
}

impl SeenFrom {
    /// What can be told from a `User-Agent` field and an address.
    pub fn of(agent: Option<&str>, address: Option<&str>) -> Self {
        Self {
            browser: browser(agent.unwrap_or_default()),
            network: network(address.unwrap_or_default()),
        }
    }
}

fn browser(agent: &str) -> String {
    let bytes = agent.as_bytes();
    let looked_at = bytes.get(..AGENT_BYTES_MAX).unwrap_or(bytes);
    let looked_at = String::from_utf8_lossy(looked_at);
    let family = |families: &[(&str, &'static str)]| {
        let mut found = families.iter().filter(|(mark, _)| looked_at.contains(mark));
        found.next().map(|(_, family)| *family)
    };
    let browser = family(&BROWSERS).unwrap_or("Another browser");
    match family(&SYSTEMS) {
        Some(system) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    }
}

/// Three of the four parts of an IPv4 address, the site of an IPv6 address (48
/// bits, RFC 6177): enough to tell home from elsewhere, and no household.
fn network(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.*")
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:*")
        }
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart_by_family_and_system() {
        let mozilla = "Mozilla/5.0";
        for (agent, known) in [
            (
                "(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "(Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "(Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "(iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "(Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
        ] {
            assert_eq!(browser(&format!("{mozilla} {agent}")), known);
        }
        assert_eq!(SeenFrom::of(None, None).browser, "Another browser");
    }

    #[test]
    fn nothing_that_a_stranger_writes_is_kept() {
        let long = format!("{}Firefox/1 Linux", "ä".repeat(AGENT_BYTES_MAX));
        for hostile in ["<script>alert(1)</script>", "\u{202e}x", "", &long] {
            let seen = SeenFrom::of(Some(hostile), Some(hostile));
            assert_eq!((&*seen.browser, &*seen.network), ("Another browser", ""));
        }
    }

    #[test]
    fn an_address_is_kept_in_part() {
        for (address, known) in [
            ("192.0.2.7", "192.0.2.*"),
            ("::ffff:192.0.2.7", "192.0.2.*"),
            ("2001:db8:1:2:3::4", "2001:db8:1:*"),
            ("", ""),
            ("example.com", ""),
        ] {
            assert_eq!(network(address), known, "{address}");
        }
    }
}
