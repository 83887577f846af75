//! One tag for all items of a list.

use longlink::codec::Fault;
use longlink::{Arbitrary, Auto, EncodeError, Wire, explain};

use super::laws;
use crate::shapes::{holds, refused, unwritable};

/// A list of NBT: "tagId" of all items, a signed count of four bytes, the items without tags of their
/// own. Minecraft Wiki, NBT format, TAG_List; `TAG_End` where the list is empty.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct List {
    #[wire(tag_of = items)]
    tag: Auto<u8>,
    #[wire(count_of = items)]
    count: Auto<i32>,
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
enum Item {
    #[wire(tag = 1)]
    Byte(i8),
    #[wire(tag = 2)]
    Short(i16),
    #[wire(tag = 8)]
    Text {
        #[wire(prefix = u16)]
        text: String,
    },
}

#[test]
fn one_tag_stands_for_all_items_of_a_list_of_nbt() {
    let text = |text: &str| Item::Text { text: text.into() };
    holds(&List::new(vec![Item::Short(1), Item::Short(-1)]), "02 00000002 0001 FFFF");
    holds(&List::new(vec![text("Bananrama")]), "08 00000001 0009 42616E616E72616D61");
    holds(&List::new(vec![]), "00 00000000");
    // Many programs give an empty list the tag of what it would hold.
    let empty = List { tag: Auto::Set(8), count: Auto::Derived, items: vec![] };
    holds(&empty, "08 00000000");
    assert_eq!(refused::<List>("03 00000001 00000001"), (Fault::UnknownTag, 5));
    let mixed = List::new(vec![Item::Byte(1), Item::Short(1)]);
    assert_eq!(unwritable(&mixed), EncodeError::Contradiction { field: "List.items" });
}

#[test]
fn explain_names_the_variant_of_each_item() {
    let explanation = explain::<List>(&[1, 0, 0, 0, 2, 5, 6]);
    assert!(explanation.report().is_none());
    let items = explanation.root().children.last().expect("items");
    let variants: Vec<_> = items.children.iter().map(|item| item.variant).collect();
    assert_eq!(variants, [Some("Byte"), Some("Byte")]);
}

#[test]
fn drawn_lists_are_read_back() {
    laws::hold::<List>();
}
