//! Fields marked `secret` are shown nowhere: not in an explanation, a report, a log.

use longlink::codec::Fault;
use longlink::{Auto, Bytes, BytesMut, Decoder, Frame, Lenient, Parse, Wire, explain};

/// What must never be seen: text that occurs nowhere else.
const PASSWORD: &[u8; 8] = b"Zx9!qW7?";

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(magic = b"LL", max_frame_length = 256, resync = magic)]
struct Message {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    command: Auto<u8>,
    #[wire(valid = 1..=9)]
    version: u8,
    body: Body,
    #[wire(checksum = xor8, over = ..self)]
    checksum: Auto<u8>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Body {
    #[wire(tag = 1)]
    Login {
        #[wire(prefix = u8)]
        user: String,
        account: Account,
        #[wire(count_prefix = u8, max_count = 4)]
        older: Vec<Account>,
        flag: bool,
    },
    #[wire(tag = 2)]
    Chat {
        #[wire(rest)]
        text: Bytes,
    },
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Account {
    #[wire(valid = 1..=3)]
    kind: u8,
    #[wire(secret)]
    password: [u8; 8],
}

fn account() -> Account {
    Account { kind: 1, password: *PASSWORD }
}

fn login() -> Vec<u8> {
    let older = vec![account(), account()];
    let body = Body::Login { user: "anna".into(), account: account(), older, flag: true };
    let mut bytes = BytesMut::new();
    Message::new(3, body).encode(&mut bytes).unwrap();
    bytes.to_vec()
}

/// Any three neighbours of the password, as text, in hexadecimal or as Rust prints bytes.
#[track_caller]
fn assert_hidden(text: &str, what: &str) {
    for part in PASSWORD.windows(3) {
        let hex = part.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
        let decimal = part.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let plain = String::from_utf8(part.to_vec()).unwrap();
        for shape in [plain, hex.join(" "), hex.concat(), decimal] {
            assert!(!text.contains(&shape), "{what} shows `{shape}`:\n{text}");
        }
    }
}

#[test]
fn a_good_frame_is_explained_without_its_secrets() {
    let explanation = explain::<Message>(&login());
    assert_eq!(explanation.report(), None);
    assert_hidden(&explanation.to_string(), "the tree");
    let node = explanation.root().find(&["body", "account", "password"]).unwrap();
    assert!(node.is_secret());
}

#[test]
fn no_damage_to_a_frame_brings_its_secrets_to_light() {
    let good = login();
    // The tag and the length of the name: damaged, they make the password part of a field that is
    // none, and nobody can tell.
    let moves = [4, 6];
    for (place, bits) in (0..good.len()).flat_map(|place| (0..8).map(move |bit| (place, 1 << bit)))
    {
        if moves.contains(&place) {
            continue;
        }
        let mut bytes = good.clone();
        bytes[place] ^= bits;
        show_all(&bytes, &format!("byte {place} ^ {bits:#04x}"));
    }
    for len in 0..good.len() {
        let mut cut = good[..len].to_vec();
        show_all(&cut, &format!("cut to {len}"));
        if let Some(low) = cut.get_mut(3) {
            *low = u8::try_from(len).unwrap();
            show_all(&cut, &format!("cut to {len}, with its length"));
        }
    }
}

/// Looks at everything that these bytes make somebody say.
#[track_caller]
fn show_all(bytes: &[u8], what: &str) {
    // Damage inside of a password leaves the rest of it secret all the same.
    let explanation = explain::<Message>(bytes);
    assert_hidden(&explanation.to_string(), &format!("{what}: the tree"));
    let mut decoder = Decoder::<Message>::new();
    let mut stream = BytesMut::from(bytes);
    stream.extend_from_slice(b"more of something else");
    for _ in 0..bytes.len() + 30 {
        match decoder.decode(&mut stream) {
            Some(Err(bad)) => {
                assert_hidden(&bad.to_string(), &format!("{what}: the report"));
                assert_hidden(&format!("{bad:?}"), &format!("{what}: its Debug"));
            }
            Some(Ok(_)) => {}
            None => break,
        }
    }
    if let Some(bad) = decoder.finish(&stream) {
        assert_hidden(&bad.to_string(), &format!("{what}: the last report"));
    }
}

#[test]
fn what_comes_before_a_fault_and_holds_no_secret_is_shown_still() {
    let mut bytes = BytesMut::new();
    let chat = Message::new(3, Body::Chat { text: Bytes::from_static(b"hello") });
    chat.encode(&mut bytes).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let report = explain::<Message>(&bytes).to_string();
    assert!(report.contains("68 65 6c 6c"), "{report}");
}

#[test]
fn a_frame_that_was_cut_is_masked_by_the_body_that_its_tag_says() {
    let mut bytes = BytesMut::new();
    let chat = Message::new(3, Body::Chat { text: Bytes::from_static(b"hello") });
    chat.encode(&mut bytes).unwrap();
    let shown = explain::<Message>(&bytes[..9]).to_string();
    assert!(shown.contains("├ command     2  → Chat\n"), "{shown}");
    assert!(shown.contains("├ body        Chat  ✗ here\n"), "{shown}");
    assert!(shown.contains("68 65 6c  └ (unparsed)  3 bytes, \"hel\"\n"), "{shown}");

    let shown = explain::<Message>(&login()[..9]).to_string();
    assert!(shown.contains("├ command     1  → Login\n"), "{shown}");
    assert!(shown.contains("└ (unparsed)  may be secret, 3 bytes\n"), "{shown}");
}

#[test]
fn only_what_is_declared_so_is_called_secret() {
    let shown = explain::<Message>(&login()[..3]).to_string();
    assert!(shown.contains("└ length   may be secret, 1 byte  ✗ here"), "{shown}");
    let shown = explain::<Message>(&login()[..2]).to_string();
    assert!(shown.contains("0x0002         └ length   ✗ here"), "{shown}");
}

#[test]
fn a_wrong_magic_may_be_the_middle_of_a_secret() {
    let mut bytes = login();
    bytes[..2].copy_from_slice(&PASSWORD[..2]);
    let report = explain::<Message>(&bytes).report().unwrap().to_string();
    assert!(report.contains("\n  expected 4c 4c\n"), "{report}");
    assert!(!report.contains("5a 78"), "{report}");
}

/// A value that holds itself in many ways.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(tag = peek(u8))]
enum Knot {
    #[wire(tag = 0, magic = 0u8)]
    Leaf(u8),
    #[wire(tag = 1, magic = 1u8)]
    Pair(Box<Knot>, Box<Knot>),
    #[wire(tag = 2, magic = 2u8)]
    Many {
        #[wire(count_prefix = u8, max_count = 4)]
        left: Vec<Knot>,
        #[wire(count_prefix = u8, max_count = 4)]
        right: Vec<Knot>,
    },
    #[wire(tag = 3, magic = 3u8)]
    Locked(Box<Lock>),
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Lock {
    knots: [Box<Knot>; 2],
}

#[test]
fn types_that_hold_themselves_are_searched_once_and_not_once_for_each_way() {
    assert!(!Knot::SCHEMA.holds_secret());
}

/// An account that may be none.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Guest {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(prefix = u8)]
    account: Lenient<Account>,
    #[wire(valid = 1..=9)]
    version: u8,
}

/// One byte too many behind the password: all of the account is kept as bytes.
fn guest(version: u8) -> Vec<u8> {
    [&[13, 10, 1][..], PASSWORD, &[0, version]].concat()
}

#[test]
fn bytes_that_are_no_account_are_as_secret_as_the_account() {
    let good = guest(3);
    let bytes = Bytes::copy_from_slice(&good[2..12]);
    let value = Guest { length: Auto::Derived, account: Lenient::bad(bytes), version: 3 };
    assert_eq!(Guest::parse(&good), Ok((&[][..], value)));
    let explanation = explain::<Guest>(&good);
    assert_eq!(explanation.report(), None);
    assert_hidden(&explanation.to_string(), "the tree");
    assert!(explanation.root().find(&["account", "bytes"]).unwrap().is_secret());

    let wrong = guest(0);
    let explanation = explain::<Guest>(&wrong);
    assert_hidden(&explanation.to_string(), "the tree of a bad frame");
    let report = explanation.report().unwrap();
    assert_eq!((report.path.as_str(), report.fault), ("Guest.version", Fault::Invalid));
    let bad = Decoder::<Guest>::new().decode(&mut BytesMut::from(&wrong[..])).unwrap().unwrap_err();
    for (text, what) in [
        (report.to_string(), "the report"),
        (format!("{report:?}"), "its Debug"),
        (bad.to_string(), "the bad frame"),
        (format!("{bad:?}"), "its Debug"),
    ] {
        assert_hidden(&text, what);
    }
}

/// A tag does not choose the variant alone where a condition may have chosen another.
#[test]
fn a_body_that_may_be_sealed_hides_what_was_cut() {
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 256)]
    struct Letter {
        #[wire(length_of = body)]
        length: Auto<u16>,
        #[wire(tag_of = body)]
        kind: Auto<u8>,
        sealed: bool,
        #[wire(opaque_if = sealed)]
        body: Inside,
    }
    #[derive(Debug, Clone, PartialEq, Wire)]
    enum Inside {
        #[wire(tag = 1)]
        Open {
            #[wire(rest)]
            text: String,
        },
        #[wire(other)]
        Sealed {
            #[wire(tag)]
            kind: u8,
            #[wire(secret, rest)]
            raw: Bytes,
        },
    }
    let cut = b"\x00\x40\x01\x01hunter2";
    let explanation = explain::<Letter>(cut);
    let shown = format!("{explanation}\n{}", explanation.report().unwrap());
    for secret in ["hunter2", "68 75 6e", "6e 74 65"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
