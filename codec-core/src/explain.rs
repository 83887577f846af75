//! Any frame as an annotated tree: which bytes are which field, and what they mean.
//!
//! The same parser runs once with a tracer; fixed places follow from `SCHEMA`, the others from what
//! the parser noted. A malformed frame gives the tree up to the fault, and the reason.
//!
//! ```
//! # mod longlink { pub use longlink_codec_core as codec; }
//! use longlink::codec::explain::explain;
//!
//! let explanation = explain::<(u8, u16)>(&[0x07, 0x01, 0x00]);
//! assert!(explanation.report().is_none());
//! assert_eq!(explanation.root().children[1].range, 1..3);
//! println!("{explanation}");
//! ```

mod absent;
mod bits;
mod buffer;
mod fields;
mod finding;
mod items;
mod locate;
mod node;
mod relate;
mod render;
mod rows;
mod secret;
#[cfg(feature = "serde")]
mod serialize;
mod stepped;
mod steps;
#[cfg(test)]
mod tests;
mod time;
mod value;
mod walk;

pub use node::{BitPlace, Name, Node, Remark, Value};
pub use render::Coloured;

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::error::{DecodeError, Fault};
use crate::private::plain;
use crate::report::Report;
use crate::schema::Schema;
use crate::scope::{Around, Enclosing, Scope};
use crate::trace::{Notes, Tracer};
use crate::wire::Parse;
use walk::Walk;

/// What the bytes of one value mean.
///
/// `Display` is a hex dump with the fields beside it. It stays short for huge frames: long values
/// and lists are cut, and say how much is left out; the place of a fault is always shown.
#[derive(Debug, Clone)]
pub struct Explanation {
    root: Node,
    len: usize,
    report: Option<Report>,
    /// Indices of the children on the way to the fault.
    fault: Vec<usize>,
}

impl Explanation {
    /// The whole value.
    #[must_use]
    pub const fn root(&self) -> &Node {
        &self.root
    }

    /// Why the tree is partial; `None` for a good frame.
    #[must_use]
    pub const fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// Bytes that were explained.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// There were no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The same on a terminal that understands ANSI colours.
    #[must_use]
    pub const fn coloured(&self) -> Coloured<'_> {
        Coloured(self)
    }

    /// Calls `visit` with every node and its path (`Message.body.Chat.text`), parents first.
    pub fn visit<'n>(&'n self, visit: &mut dyn FnMut(&str, &'n Node)) {
        visit_node(&self.root, String::new(), visit);
    }

    fn fault_path(&self) -> &[usize] {
        &self.fault
    }
}

fn visit_node<'n>(node: &'n Node, mut path: String, visit: &mut dyn FnMut(&str, &'n Node)) {
    locate::push(&mut path, node);
    visit(&path, node);
    for child in &node.children {
        visit_node(child, path.clone(), visit);
    }
}

/// Explains the bytes of one `T` (for a frame: border included), without context.
#[must_use]
pub fn explain<'a, T: Parse<'a, Context = ()>>(bytes: &'a [u8]) -> Explanation {
    explain_with::<T>(bytes, &())
}

/// Explains the bytes of one `T` under a context.
#[must_use]
pub fn explain_with<'a, T: Parse<'a>>(bytes: &'a [u8], context: &T::Context) -> Explanation {
    let (notes, error) = traced::<T>(bytes, context, Tracer::new());
    of(T::SCHEMA, bytes, notes, error)
}

/// The report of an error that parsing these bytes gave. Memory is bounded by the depth.
pub(crate) fn report<'a, T: Parse<'a>>(
    bytes: &'a [u8],
    context: &T::Context,
    error: DecodeError,
) -> Report {
    let (notes, _) = traced::<T>(bytes, context, Tracer::brief());
    report_of(T::SCHEMA, bytes, notes, error)
}

fn traced<'a, T: Parse<'a>>(
    bytes: &'a [u8],
    context: &T::Context,
    tracer: Tracer,
) -> (Notes, Option<DecodeError>) {
    let around = Around { trace: Some(&tracer), whole: Enclosing::Read(bytes), hole: None };
    let error = match T::parse_in(bytes, Scope::ROOT.inside(&around), context) {
        Ok(([], _)) => excess(T::SCHEMA, bytes),
        Ok((rest, _)) => Some(DecodeError::new(Fault::Trailing, 0, rest)),
        Err(error) => Some(plain(error, bytes)),
    };
    (tracer.into_notes(), error)
}

/// What no stream would have taken for one frame, though each of its fields is right.
fn excess(schema: &Schema, bytes: &[u8]) -> Option<DecodeError> {
    let rest = bytes.get(schema.border?.max_len..).filter(|rest| !rest.is_empty())?;
    Some(DecodeError::new(Fault::Length, DecodeError::WHOLE, rest))
}

fn of(
    schema: &'static Schema,
    bytes: &[u8],
    notes: Notes,
    error: Option<DecodeError>,
) -> Explanation {
    let (walk, mut root) = walked(schema, bytes, notes, error, false);
    let path = error.map(|error| locate::path(&walk, &root, error)).unwrap_or_default();
    let fault = locate::indices(&path);
    let report = error.map(|error| finished(&walk, &root, &path, error));
    if error.is_some() && secret::may_be_left(&root) {
        secret::hide_rest(&mut root);
    }
    Explanation { len: bytes.len(), report, fault, root }
}

fn report_of(schema: &'static Schema, bytes: &[u8], notes: Notes, error: DecodeError) -> Report {
    let (walk, root) = walked(schema, bytes, notes, Some(error), true);
    let path = locate::path(&walk, &root, error);
    finished(&walk, &root, &path, error)
}

fn walked(
    schema: &'static Schema,
    bytes: &[u8],
    notes: Notes,
    error: Option<DecodeError>,
    brief: bool,
) -> (Walk, Node) {
    let address = bytes.as_ptr().addr();
    let mut walk = Walk::new(Bytes::copy_from_slice(bytes), address, notes);
    walk.error = error;
    walk.brief = brief;
    let root = walk.root(schema);
    (walk, root)
}

fn finished(walk: &Walk, root: &Node, path: &[&Node], error: DecodeError) -> Report {
    let frame = walk.share(0, 0..walk.input_len());
    let mut report = finding::report(walk, path, error, &frame);
    secret::mask(root, &mut report);
    if secret::may_be_left(root) {
        secret::mask_rest(path, error, &frame, &mut report);
    }
    report
}
