//! The two streams: server-sent events, and the frames between object and front Worker.

use mcp::bridge::Frame;
use mcp::sse::{Decoder, KEEP_ALIVE, TooLarge, event};
use serde_json::Value;

use crate::fields::fields;

/// Leading bytes of the input that say how the stream is cut.
const CUTS: usize = 8;
/// Largest events that readers are tried with, in bytes.
const EVENT_BYTES_MAX: [usize; 3] = [16, 64, 1 << 20];

/// The input is eight bytes that say where the stream is cut, and the stream;
/// its texts are an event's id and message as well.
///
/// A stream is read as the standard says, wherever it is cut, and no event is
/// larger than the limit; an event that we write and a frame are read back as
/// they were written.
pub fn stream(data: &[u8]) {
    let Some((&cuts, stream)) = data.split_first_chunk::<CUTS>() else {
        return;
    };
    for event_bytes_max in EVENT_BYTES_MAX {
        let whole = decode(&[stream], event_bytes_max);
        let bytewise = decode(&stream.chunks(1).collect::<Vec<_>>(), event_bytes_max);
        let cut = decode(&pieces(stream, cuts), event_bytes_max);
        for (events, failed) in [&whole, &cut] {
            assert_eq!(*failed, bytewise.1, "{event_bytes_max}");
            // What was complete before the failure may come before it, or not.
            let same = if *failed {
                bytewise.0.starts_with(events)
            } else {
                bytewise.0 == *events
            };
            assert!(same, "{events:?} {bytewise:?}");
            assert!(events.iter().all(|event| event.len() <= event_bytes_max));
        }
    }
    let (events, failed) = decode(&[stream], usize::MAX);
    assert!(!failed);
    assert_eq!(events, by_the_standard(stream));

    let Some([id, message]) = fields(stream) else {
        return;
    };
    if !id.contains(['\n', '\r']) {
        written(id, message, cuts);
    }
    if let Some(frame) = Frame::decode(message) {
        assert_eq!(frame.encode(), message);
    }
}

fn decode(chunks: &[&[u8]], event_bytes_max: usize) -> (Vec<String>, bool) {
    let mut decoder = Decoder::new(event_bytes_max);
    let mut events = Vec::new();
    for chunk in chunks {
        match decoder.push(chunk) {
            Ok(completed) => events.extend(completed),
            Err(TooLarge) => return (events, true),
        }
    }
    (events, false)
}

fn pieces(mut stream: &[u8], cuts: [u8; CUTS]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    for cut in cuts.iter().cycle() {
        let Some((piece, rest)) = stream.split_at_checked(usize::from(*cut % 16) + 1) else {
            break;
        };
        pieces.push(piece);
        stream = rest;
    }
    pieces.push(stream);
    pieces
}

/// WHATWG HTML, 9.2.5 and 9.2.6, word by word, for a stream that is all there.
fn by_the_standard(stream: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let mut data = String::new();
    // What follows the last line end is no line yet.
    let complete = text.rsplit_once('\n').map_or("", |(complete, _)| complete);
    for line in complete.split('\n').filter(|_| text.contains('\n')) {
        if line.is_empty() {
            if let Some(event) = std::mem::take(&mut data).strip_suffix('\n') {
                events.push(event.to_owned());
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            data.push_str(value.strip_prefix(' ').unwrap_or(value));
            data.push('\n');
        }
    }
    events
}

fn written(id: &str, message: &str, cuts: [u8; CUTS]) {
    for frame in [
        Frame::At { id, primed: true },
        Frame::At { id, primed: false },
        Frame::Event { id, message },
        Frame::End,
    ] {
        assert_eq!(Frame::decode(&frame.encode()), Some(frame));
    }
    // A message is JSON, which has no line breaks outside of escapes.
    let json = serde_json::from_str(message).map_or_else(
        |_| Value::from(message).to_string(),
        |value: Value| value.to_string(),
    );
    let text = format!(
        "{}{KEEP_ALIVE}{}",
        event(Some(id), &json),
        event(None, &json)
    );
    let read = decode(&pieces(text.as_bytes(), cuts), 2 * text.len());
    assert_eq!(read, (vec![json.clone(), json], false));
}
