//! What the pure parts of a call take, natively: `cargo bench -p sessile-mcp`.

#[path = "../tests/plain_call/mod.rs"]
mod plain_call;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mcp::bridge::Frame;
use mcp::sse::{self, Decoder};
use plain_call::{answer, begin, call, end, request, session, verdict};

/// Bytes of the texts that are echoed.
const SIZES: [usize; 3] = [16, 4_096, 65_536];
/// Most bytes of an event that is read.
const EVENT_BYTES_MAX: usize = 1 << 20;
/// An event's id, as long as they are.
const ID: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("call");
    for size in SIZES {
        let (body, answer) = (call(size), answer(size));
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(
            BenchmarkId::new("envelope", size),
            &body,
            |bencher, body| {
                bencher.iter(|| request(body).id);
            },
        );
        let read = request(&body);
        group.bench_with_input(BenchmarkId::new("era", size), &read, |bencher, read| {
            bencher.iter(|| verdict(read));
        });
        let mut session = session();
        group.bench_function(BenchmarkId::new("session", size), |bencher| {
            bencher.iter(|| {
                let call = begin(&mut session, &body);
                end(&mut session, call, &answer)
            });
        });
    }
    group.finish();
}

fn streams(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream");
    for size in SIZES {
        let message = answer(size);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(
            BenchmarkId::new("event", size),
            &message,
            |bencher, message| {
                bencher.iter(|| sse::event(Some(ID), message));
            },
        );
        let event = sse::event(Some(ID), &message);
        group.bench_with_input(
            BenchmarkId::new("read event", size),
            &event,
            |bencher, event| {
                bencher.iter(|| Decoder::new(EVENT_BYTES_MAX).push(event.as_bytes()));
            },
        );
        let frame = Frame::Event {
            id: ID,
            message: &message,
        };
        group.bench_with_input(BenchmarkId::new("frame", size), &frame, |bencher, frame| {
            bencher.iter(|| frame.encode());
        });
        let frame = frame.encode();
        group.bench_with_input(
            BenchmarkId::new("read frame", size),
            &frame,
            |bencher, frame| {
                bencher.iter(|| Frame::decode(frame).is_some());
            },
        );
    }
    group.finish();
}

criterion_group!(benches, calls, streams);
criterion_main!(benches);
