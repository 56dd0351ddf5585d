//! What it takes to check an access token, natively: `cargo bench -p sessile-oauth`.

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use oauth::access::{Expected, KeySet, TokenCache};
use oauth::encoding;
use oauth::secret::RootSecret;
use serde_json::json;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn tokens(criterion: &mut Criterion) {
    let root = encoding::encode((0..32).collect::<Vec<u8>>());
    let root = RootSecret::parse(&root).unwrap_or_else(|error| panic!("{error}"));
    let keys = KeySet::derived(&root).unwrap_or_else(|error| panic!("{error}"));
    let claims = json!({
        "iss": "https://mcp.example", "sub": "account", "aud": "https://mcp.example/mcp",
        "client_id": "client", "scope": "mcp", "jti": "1", "sid": "grant",
        "iat": NOW.as_second(), "exp": NOW.as_second() + 900,
        "idp": { "provider": "dev", "issuer": "i", "subject": "s" },
    });
    let claims = serde_json::from_value(claims).unwrap_or_else(|error| panic!("{error}"));
    let token = keys.sign(&claims).unwrap_or_else(|error| panic!("{error}"));
    let expected = Expected {
        issuer: "https://mcp.example".into(),
        resources: vec!["https://mcp.example/mcp".into()],
    };
    let mut group = criterion.benchmark_group("access token");
    group.bench_function("never seen", |bencher| {
        bencher.iter(|| keys.verify(&token, &expected, NOW).is_ok());
    });
    let mut cache = TokenCache::default();
    group.bench_function("seen before", |bencher| {
        bencher.iter(|| cache.verify(&keys, &token, &expected, NOW).is_ok());
    });
    group.finish();
}

criterion_group!(benches, tokens);
criterion_main!(benches);
