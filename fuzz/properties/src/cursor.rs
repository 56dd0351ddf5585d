//! Cursors: where a list goes on.

use mcp::NameKey;
use mcp::cursor::{mint, verify};

use crate::alteration::altered;
use crate::fields::fields;

/// The input is the method of a list, another method, the key of the last entry
/// shown, an alteration, and a made-up cursor.
///
/// A cursor gives its entry back for its own list and key only, and has one
/// spelling; what was altered in any way gives nothing.
pub fn cursor(data: &[u8]) {
    let Some([method, other, last, how, made_up]) = fields(data) else {
        return;
    };
    let key = NameKey::new([7; 32]);
    let text = mint(&key, method, last);
    assert!(text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
    assert_eq!(verify(&key, method, &text).as_deref(), Some(last));
    assert_eq!(verify(&key, other, &text).is_some(), other == method);
    assert_eq!(verify(&NameKey::new([8; 32]), method, &text), None);
    let almost = altered(&text, how);
    assert_eq!(verify(&key, method, &almost).is_some(), almost == text);
    // The fuzzer sees our cursors compared, and learns some of them.
    if let Some(last) = verify(&key, method, made_up) {
        assert_eq!(mint(&key, method, &last), made_up);
    }
}
