//! Who is counted as one where nobody is known.

use std::net::IpAddr;

/// What of an address its owner cannot choose freely: of IPv6 the first 64 bits
/// (RFC 4291, section 2.5.4). What is no address is all one network.
pub fn network(address: &str) -> String {
    match address.trim().parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        Ok(IpAddr::V6(address)) => address
            .to_ipv4_mapped()
            .map_or_else(String::new, |address| address.to_string()),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_are_one_caller() {
        for (address, known) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8::a:b:c:d", "2001:db8:0:0"),
            ("2001:db8:0:0:1:2:3:4", "2001:db8:0:0"),
            ("2001:db8:0:1::1", "2001:db8:0:1"),
            ("", ""),
            ("unknown", ""),
        ] {
            assert_eq!(network(address), known, "{address}");
        }
    }
}
