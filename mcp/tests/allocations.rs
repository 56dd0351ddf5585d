//! How much memory a plain call takes, in allocations: they are counted, so that a copy
//! of the body that somebody adds is seen here.

mod plain_call;

use allocation_counter::{AllocationInfo, measure};
use plain_call::{answer, begin, call, end, request, session, verdict};

/// Bytes of a large text.
const LARGE: usize = 65_536;

/// Reading and deciding copies nothing of what is asked.
#[test]
fn what_is_only_passed_on_is_not_copied() {
    let body = call(LARGE);
    let read = measure(|| {
        let request = request(&body);
        verdict(&request);
    });
    assert_most(read, 4, 256);
}

/// Of the session: the arguments once, as they outlive the request; of the answer what is
/// read of it, and what is sent.
#[test]
fn a_plain_call_copies_its_text_a_few_times_only() {
    for (bytes, times) in [(16, 0), (LARGE, 5)] {
        let (mut session, body, answer) = (session(), call(bytes), answer(bytes));
        let whole = measure(|| {
            let call = begin(&mut session, &body);
            end(&mut session, call, &answer);
        });
        let bytes = u64::try_from(times * bytes).unwrap();
        assert_most(whole, 27, bytes + 7_000);
    }
}

fn assert_most(found: AllocationInfo, count: u64, bytes: u64) {
    let (made, total) = (found.count_total, found.bytes_total);
    assert!(
        made <= count && total <= bytes,
        "{made} allocations of {total} bytes, where {count} of {bytes} are known"
    );
}
