//! Generated code under hostile surroundings. The crate in `tests/consumer` goes further: no std,
//! another name for the facade, all lints denied.

/// Nothing of the prelude is in scope, and its names mean something else.
#[no_implicit_prelude]
mod without_prelude {
    #![deny(warnings, clippy::pedantic)]

    use ::longlink::Wire;

    pub(super) mod renamed {
        pub(crate) use ::longlink as wires;
    }

    #[derive(Debug, Clone, PartialEq, Wire)]
    pub(super) struct Plain {
        #[wire(count_of = items)]
        count: ::longlink::Auto<u8>,
        pub(super) items: ::std::vec::Vec<u16>,
        #[wire(present_if = items.len() > 1)]
        pub(super) more: ::std::option::Option<u8>,
    }

    #[derive(Debug, Clone, PartialEq, Wire)]
    #[wire(crate = crate::hygiene::without_prelude::renamed::wires)]
    pub(super) struct Renamed {
        #[wire(length_of = text)]
        length: ::longlink::Auto<u8>,
        pub(super) text: ::std::string::String,
    }
}

/// Fields and parameters whose names a generator might like for itself.
mod greedy_names {
    use longlink::{Auto, Wire};

    #[derive(Debug, Clone, PartialEq, Wire)]
    pub(super) struct Names {
        #[wire(length_of = rest)]
        pub(super) len: Auto<u8>,
        pub(super) input: u8,
        pub(super) out: u8,
        pub(super) scope: u8,
        pub(super) context: u8,
        pub(super) fill: u8,
        pub(super) field: u8,
        pub(super) value: u8,
        pub(super) r#type: u8,
        pub(super) r#match: u8,
        #[wire(size = input)]
        pub(super) bytes: Vec<u8>,
        pub(super) rest: Vec<u8>,
        pub(super) error: u8,
    }
}

use longlink::Parse;

use crate::samples::encoded;

#[test]
fn code_without_a_prelude_works() {
    let value = without_prelude::Plain::new(vec![1, 2], Some(9));
    assert_eq!(encoded(&value), [2, 0, 1, 0, 2, 9]);
    assert_eq!(without_prelude::Plain::parse(&[2, 0, 1, 0, 2, 9]), Ok((&[][..], value)));
}

#[test]
fn the_facade_may_have_another_path() {
    let value = without_prelude::Renamed::new("ab".into());
    assert_eq!(encoded(&value), [2, b'a', b'b']);
    assert_eq!(without_prelude::Renamed::parse(b"\x02ab"), Ok((&[][..], value)));
}

#[test]
fn fields_may_have_the_names_of_a_generator() {
    let value = greedy_names::Names::new(2, 3, 4, 5, 6, 7, 8, 9, 10, vec![1, 2], vec![0xFF], 11);
    let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 0xFF, 11];
    assert_eq!(encoded(&value), bytes);
    assert_eq!(greedy_names::Names::parse(&bytes), Ok((&[][..], value)));
}
