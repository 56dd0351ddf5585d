//! The four lists, a page at a time.

use std::rc::Rc;

use rmcp::model::{ErrorCode, ErrorData};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::entry::Entry;
use crate::cursor;
use crate::mac::NameKey;
use crate::reply::fault;
use crate::revision::Revision;

/// Most entries of one page: few servers have more, so that most lists are
/// whole after one request.
const PAGE_ENTRIES_MAX: usize = 100;

/// One of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `tools/list`.
    Tools,
    /// `prompts/list`.
    Prompts,
    /// `resources/list`.
    Resources,
    /// `resources/templates/list`.
    Templates,
}

impl Kind {
    /// Every list.
    pub const ALL: [Self; 4] = [Self::Tools, Self::Prompts, Self::Resources, Self::Templates];

    /// The list that this method asks for.
    pub fn of_method(method: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.method() == method)
    }

    /// The method.
    pub fn method(self) -> &'static str {
        match self {
            Self::Tools => "tools/list",
            Self::Prompts => "prompts/list",
            Self::Resources => "resources/list",
            Self::Templates => "resources/templates/list",
        }
    }

    /// The member of the result that holds the entries.
    fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
        }
    }

    /// The member of an entry that names it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Tools | Self::Prompts => "name",
            Self::Resources => "uri",
            Self::Templates => "uriTemplate",
        }
    }
}

/// Where a client wants a list to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The list.
    pub kind: Kind,
    /// The cursor it was given; without one, the list begins.
    pub cursor: Option<String>,
}

impl Place {
    /// Reads the params of a list's request.
    pub fn read(kind: Kind, params: Option<&RawValue>) -> Result<Self, ErrorData> {
        let cursor = cursor::asked(params).map_err(|_| {
            let words = format!("the params of {} cannot be read", kind.method());
            fault(ErrorCode::INVALID_PARAMS, words)
        })?;
        Ok(Self { kind, cursor })
    }
}

/// One page of what a caller is shown of a list, as the members of its result.
pub(super) fn page(
    entries: &[Rc<Entry>],
    kind: Kind,
    revision: Revision,
    cursor: Option<&str>,
    key: &NameKey,
    shows: impl Fn(&Entry) -> bool,
) -> Result<Map<String, Value>, ErrorData> {
    let unknown = || {
        fault(
            ErrorCode::INVALID_PARAMS,
            "unknown cursor: begin the list anew",
        )
    }; // M-LIST-02
    let rest = match cursor {
        None => entries,
        Some(cursor) => {
            let last = cursor::verify(key, kind.method(), cursor).ok_or_else(unknown)?;
            let at = entries
                .iter()
                .position(|entry| entry.key == last)
                .ok_or_else(unknown)?;
            entries.get(at + 1..).unwrap_or_default()
        }
    };
    let rest: Vec<&Rc<Entry>> = rest.iter().filter(|entry| shows(entry)).collect();
    let page = rest.get(..PAGE_ENTRIES_MAX).unwrap_or(&rest);
    let mut result = Map::new();
    let values = page.iter().map(|entry| entry.shown(revision)).collect();
    result.insert(kind.member().into(), Value::Array(values));
    if let Some(last) = page.last().filter(|_| page.len() < rest.len()) {
        let next = cursor::mint(key, kind.method(), &last.key);
        result.insert("nextCursor".into(), next.into());
    }
    if revision.is_modern() {
        // What a caller may see is decided per caller (M-CACHE-02), so nothing
        // shared may keep the list.
        result.insert("resultType".into(), "complete".into());
        result.insert("ttlMs".into(), 0.into());
        result.insert("cacheScope".into(), "private".into());
    }
    Ok(result)
}
