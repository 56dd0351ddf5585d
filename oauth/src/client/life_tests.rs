use super::*;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";

/// CIMD section 4.4; RFC 9111 sections 4.2, 5.2.2 and 5.3.
/// Checklist AS-16.
#[test]
fn a_document_is_kept_as_its_host_says_within_our_bounds() {
    let seconds = SignedDuration::from_secs;
    let control = |text: &str| CacheFields {
        cache_control: Some(text.into()),
        ..CacheFields::default()
    };
    let table = [
        (CacheFields::default(), Some(KEPT_UNSAID)),
        (control(""), Some(KEPT_UNSAID)),
        (control("public"), Some(KEPT_UNSAID)),
        (control("max-age=600"), Some(seconds(600))),
        (
            control("public, Max-Age=600, immutable"),
            Some(seconds(600)),
        ),
        (control("max-age=\"600\""), Some(seconds(600))),
        (control("max-age=600, s-maxage=900"), Some(seconds(900))),
        (control("max-age=600, max-age=900"), Some(seconds(600))),
        (control("max-age=0"), Some(KEPT_MIN)),
        (control("max-age=59"), Some(KEPT_MIN)),
        (control("max-age=-1"), Some(KEPT_MIN)),
        (control("max-age=soon"), Some(KEPT_MIN)),
        (control("max-age=31536000"), Some(KEPT_MAX)),
        (control("max-age=99999999999999999999999"), Some(KEPT_MAX)),
        (control("no-cache, max-age=600"), Some(KEPT_MIN)),
        (control("no-store"), None),
        (control("max-age=600, No-Store"), None),
        (control("private, max-age=600"), None),
        (
            CacheFields {
                age: Some("500".into()),
                ..control("max-age=1000")
            },
            Some(seconds(500)),
        ),
        (
            CacheFields {
                age: Some("5000".into()),
                ..control("max-age=1000")
            },
            Some(KEPT_MIN),
        ),
        (
            CacheFields {
                expires: Some("Fri, 15 Jan 2027 10:00:00 GMT".into()),
                date: Some("Fri, 15 Jan 2027 09:00:00 GMT".into()),
                ..CacheFields::default()
            },
            Some(seconds(3_600)),
        ),
        (
            CacheFields {
                expires: Some("Fri, 15 Jan 2027 10:00:00 GMT".into()),
                ..CacheFields::default()
            },
            Some(seconds(7_200)),
        ),
        (
            CacheFields {
                expires: Some("0".into()),
                ..CacheFields::default()
            },
            Some(KEPT_MIN),
        ),
        (
            CacheFields {
                expires: Some("Fri, 15 Jan 2027 10:00:00 GMT".into()),
                ..control("max-age=600")
            },
            Some(seconds(600)),
        ),
    ];
    assert_eq!(date_in(DATE), Some(NOW));
    for (said, want) in table {
        assert_eq!(kept_for(&said, NOW), want, "{said:?}");
    }
}
