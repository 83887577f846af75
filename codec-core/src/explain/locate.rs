//! From the offset of a fault to the field.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::node::{Name, Node};
use super::walk::Walk;
use crate::error::{DecodeError, Fault};

/// The nodes from the root to the field at fault.
pub(super) fn path<'n>(walk: &Walk, root: &'n Node, error: DecodeError) -> Vec<&'n Node> {
    let mut path = alloc::vec![root];
    let mut node = root;
    while let Some(child) = step(walk, node, error) {
        path.push(child);
        node = child;
    }
    path
}

fn step<'n>(walk: &Walk, node: &'n Node, error: DecodeError) -> Option<&'n Node> {
    if node.is_secret() || error.field == DecodeError::WHOLE {
        return None;
    }
    let named = |child: &&Node| !matches!(child.name, Name::Hidden("unparsed" | "padding"));
    if error.fault == Fault::Padding {
        let hidden = node.children.iter().find(|child| {
            child.name == Name::Hidden("padding")
                && walk.fault_in(child.buffer).is_some_and(|at| child.local.contains(&at))
        });
        if hidden.is_some() {
            return hidden;
        }
    }
    let open = node.children.iter().rev().find(|child| child.partial && named(child));
    if open.is_some() {
        return open;
    }
    let at = |child: &Node| walk.fault_in(child.buffer);
    let holds = |child: &&Node| at(child).is_some_and(|at| child.local.contains(&at));
    let touches = |child: &&Node| {
        at(child).is_some_and(|at| child.local.start <= at && at <= child.local.end)
    };
    let own = |child: &&Node| child.index == Some(error.field);
    let children = || node.children.iter().filter(named);
    if error.fault == Fault::Trailing && children().all(|child| !holds(&child)) {
        return None;
    }
    let inside = children().find(|child| holds(child) && own(child));
    inside
        .or_else(|| children().find(holds))
        .or_else(|| children().find(|child| touches(child) && own(child)))
}

/// `Packet.body.Location.extras[3].value`.
pub(super) fn text(path: &[&Node]) -> String {
    let mut text = String::new();
    for node in path {
        push(&mut text, node);
    }
    text
}

/// One step of a path.
pub(super) fn push(text: &mut String, node: &Node) {
    match node.name {
        Name::Item(index) => {
            let _ = write!(text, "[{index}]");
        }
        Name::Field(name) | Name::Hidden(name) => {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(name);
        }
    }
    if let Some(variant) = node.variant {
        text.push('.');
        text.push_str(variant);
    }
}

/// The same path as indices of children.
pub(super) fn indices(path: &[&Node]) -> Vec<usize> {
    path.windows(2)
        .filter_map(|pair| match pair {
            [parent, child] => parent.children.iter().position(|one| core::ptr::eq(one, *child)),
            _ => None,
        })
        .collect()
}
