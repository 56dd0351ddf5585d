//! Server-sent events (WHATWG HTML, 9.2): what we write to clients, and what
//! we read from tool Workers.

/// A comment that keeps intermediaries from closing a quiet stream.
pub const KEEP_ALIVE: &str = ": keep-alive\n\n";

/// One event with a message. `data` is JSON on one line, so that it needs one
/// `data:` field: serialised JSON has no line breaks outside of escapes.
pub fn event(id: Option<&str>, data: &str) -> String {
    let mut text = String::with_capacity(data.len() + 64);
    push_id(&mut text, id);
    text.push_str("event: message\n");
    for line in data.split('\n') {
        text.push_str("data: ");
        text.push_str(line.trim_end_matches('\r'));
        text.push('\n');
    }
    text.push('\n');
    text
}

/// The first event of HTTP+SSE: where to POST (checklist S24-01).
pub fn endpoint(uri: &str) -> String {
    format!("event: endpoint\ndata: {uri}\n\n")
}

/// The priming event of 2025-11-25: an id, empty data, and how long a client
/// waits before it comes back (checklist L-SSE-03).
pub fn priming(id: &str, retry: std::time::Duration) -> String {
    let mut text = String::new();
    push_id(&mut text, Some(id));
    format!("{text}retry: {}\ndata: \n\n", retry.as_millis())
}

fn push_id(text: &mut String, id: Option<&str>) {
    if let Some(id) = id {
        text.push_str("id: ");
        text.push_str(id);
        text.push('\n');
    }
}

/// Reads the events of a stream from chunks that end anywhere.
#[derive(Debug)]
pub struct Decoder {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// Whether no line has ended yet: the first may begin with a byte order mark.
    first: bool,
    /// Whether the last byte was a carriage return, with which a line feed
    /// makes one line end.
    returned: bool,
    data: String,
    has_data: bool,
    event_bytes_max: usize,
}

/// An event is larger than the reader's limit; nothing more can be read.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Decoder {
    /// A reader that takes events up to this size.
    pub fn new(event_bytes_max: usize) -> Self {
        Self {
            line: Vec::new(),
            first: true,
            returned: false,
            data: String::new(),
            has_data: false,
            event_bytes_max,
        }
    }

    /// The data of every event that this chunk completes.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<String>, TooLarge> {
        let mut events = Vec::new();
        for piece in chunk.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let (text, end) = match piece.split_last() {
                Some((end @ (b'\n' | b'\r'), text)) => (text, Some(*end)),
                _ => (piece, None),
            };
            let goes_on = std::mem::replace(&mut self.returned, end == Some(b'\r'));
            if goes_on && piece == b"\n" {
                continue;
            }
            self.line.extend_from_slice(text);
            self.fits()?;
            if end.is_some() {
                self.end_of_line(&mut events);
                self.fits()?;
            }
        }
        Ok(events)
    }

    /// Asked wherever a chunk could end, so that the answer is the same for
    /// every way to cut the stream.
    fn fits(&self) -> Result<(), TooLarge> {
        if self.line.len() + self.data.len() > self.event_bytes_max {
            return Err(TooLarge);
        }
        Ok(())
    }

    fn end_of_line(&mut self, events: &mut Vec<String>) {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let marked = std::mem::take(&mut self.first);
        let line = line
            .strip_prefix('\u{feff}')
            .filter(|_| marked)
            .unwrap_or(&line);
        self.field(line, events);
    }

    fn field(&mut self, line: &str, events: &mut Vec<String>) {
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                events.push(std::mem::take(&mut self.data));
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            if self.has_data {
                self.data.push('\n');
            }
            self.has_data = true;
            self.data.push_str(value.strip_prefix(' ').unwrap_or(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_written_is_read_back_however_it_is_cut() {
        let text = format!(
            "{}{}{KEEP_ALIVE}{}",
            priming("0-0-x", Duration::from_secs(1)),
            event(Some("1-1-x"), r#"{"a":"ü"}"#),
            event(None, "{}"),
        );
        for size in 1..text.len() {
            let mut decoder = Decoder::new(1000);
            let mut events = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                events.extend(decoder.push(chunk).unwrap());
            }
            assert_eq!(events, ["", r#"{"a":"ü"}"#, "{}"], "chunks of {size}");
        }
    }

    #[test]
    fn an_event_has_a_largest_size() {
        let mut decoder = Decoder::new(16);
        assert_eq!(decoder.push(b"data: 0123456789"), Ok(vec![]));
        assert_eq!(decoder.push(b"0123456789"), Err(TooLarge));
        let whole = b"data: 01234567890123456789\n\n";
        assert_eq!(Decoder::new(16).push(whole), Err(TooLarge));
    }

    /// WHATWG HTML, 9.2.5: any of the three line ends, and a byte order mark.
    #[test]
    fn a_line_ends_in_any_of_three_ways() {
        let text = "\u{feff}data: 1\r\rdata: 2\r\n\r\ndata: 3\n\n";
        let mut decoder = Decoder::new(100);
        let read = text
            .as_bytes()
            .chunks(1)
            .map(|byte| decoder.push(byte).unwrap());
        assert_eq!(read.flatten().collect::<Vec<_>>(), ["1", "2", "3"]);
    }

    #[test]
    fn many_lines_in_one_chunk_are_read_in_one_pass() {
        let lines = "\n".repeat(4 << 20);
        assert_eq!(Decoder::new(100).push(lines.as_bytes()), Ok(vec![]));
    }

    /// Checklist S24-01, S24-02.
    #[test]
    fn events_of_http_sse_have_a_name_and_no_id() {
        assert_eq!(endpoint("/x?y=z"), "event: endpoint\ndata: /x?y=z\n\n");
        assert_eq!(event(None, "{}"), "event: message\ndata: {}\n\n");
    }

    /// Checklist L-SSE-03.
    #[test]
    fn a_priming_event_has_an_id_a_retry_and_empty_data() {
        assert_eq!(
            priming("1-0-x", Duration::from_millis(500)),
            "id: 1-0-x\nretry: 500\ndata: \n\n"
        );
    }
}
