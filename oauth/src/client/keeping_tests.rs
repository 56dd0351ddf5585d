use super::*;
use crate::origin::PublicOrigin;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";

fn url(text: &str) -> DocumentUrl {
    let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
    DocumentUrl::read(text, &public).unwrap()
}

fn client(name: &str) -> Client {
    Client {
        name: Some(name.into()),
        uri: None,
        redirect_uris: vec!["https://app.example/cb".into()],
        published_by: Some("app.example".into()),
    }
}

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

/// Checklist AS-16.
#[test]
fn a_document_is_known_for_its_time_and_by_its_own_url() {
    let mut memory = DocumentMemory::default();
    let (one, two) = (url("https://app.example/1"), url("https://app.example/2"));
    assert_eq!(memory.known(&one, NOW), None);
    memory.learn(one.clone(), client("old"), KEPT_MIN, NOW);
    let last = NOW + KEPT_MIN - SignedDuration::from_millis(1);
    assert_eq!(memory.known(&one, last), Some(&client("old")));
    assert_eq!(memory.known(&one, NOW + KEPT_MIN), None);
    assert_eq!(memory.known(&two, NOW), None);
    memory.learn(one.clone(), client("new"), KEPT_MIN, last);
    assert_eq!(memory.known(&one, last), Some(&client("new")));
}

#[test]
fn an_isolate_remembers_so_many_documents_and_forgets_the_first_to_end() {
    let mut memory = DocumentMemory::default();
    let nth = |n: usize| url(&format!("https://app.example/{n}"));
    for n in 0..=DOCUMENTS_KEPT_MAX {
        let life = KEPT_MAX - SignedDuration::from_secs(i64::try_from(n % 7).unwrap());
        memory.learn(nth(n), client("app"), life, NOW);
        assert!(memory.kept.len() <= DOCUMENTS_KEPT_MAX);
        assert!(memory.known(&nth(n), NOW).is_some(), "the newest");
    }
    let known = (0..=DOCUMENTS_KEPT_MAX).filter(|n| memory.known(&nth(*n), NOW).is_some());
    let known: Vec<_> = known.collect();
    assert_eq!(known.len(), DOCUMENTS_KEPT_MAX);
    let gone = (0..=DOCUMENTS_KEPT_MAX)
        .find(|n| !known.contains(n))
        .unwrap();
    assert_eq!(gone % 7, 6, "the one that ends first");
    // What is over makes room before anything that is not.
    memory.learn(nth(1_000), client("app"), KEPT_MIN, NOW + KEPT_MAX);
    assert_eq!(memory.kept.len(), 1);
}

/// Checklist SEC-06.
#[test]
fn an_isolate_fetches_so_many_documents_at_once_and_fewer_from_one_host() {
    let mut memory = DocumentMemory::default();
    let one = url("https://app.example/1");
    let begun: Vec<_> = (0..AT_ONCE_OF_HOST_MAX)
        .map(|_| memory.begin(&one, NOW).unwrap())
        .collect();
    assert_eq!(memory.begin(&url("https://app.example/2"), NOW), None);
    for n in AT_ONCE_OF_HOST_MAX..AT_ONCE_MAX {
        let host = url(&format!("https://{n}.example/1"));
        assert!(memory.begin(&host, NOW).is_some());
    }
    let more = url("https://more.example/1");
    assert_eq!(memory.begin(&more, NOW), None);
    memory.end(&begun[0]);
    memory.end(&begun[0]);
    assert!(memory.begin(&more, NOW).is_some());
    assert_eq!(memory.begin(&more, NOW), None, "one ended, and not two");
    // Whoever breaks off never says so.
    let later = NOW + SignedDuration::try_from(DOCUMENT_TIME_MAX).unwrap() * 2;
    assert!(memory.begin(&one, later).is_some());
    assert_eq!(memory.fetching.len(), 1);
}
