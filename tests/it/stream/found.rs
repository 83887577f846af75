//! What fuzzing found: each input once disagreed with itself.

use crate::declarations::gb32960::{Body, Message};
use crate::properties::decoded;
use crate::samples::bytes;

/// Found by the target `parse`: byte by byte one frame, in one piece none.
#[test]
fn overlapping_candidates_are_judged_alike_in_every_piece() {
    let stream = bytes(
        "2323090000000000000000000000000000000000000000000123232300002800000101000000000001232323\
         00080100000101002B01784D3601000000000000000000000000000000012323230008010000010100000000\
         000123232300080100000101002B01784D36010000000000000000007E01000000009900FFFFFFFFFF000001\
         FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF01FFFFFFFFFFFFFFFFFFFFFF02017E",
    );
    let frames = |len| {
        let (said, _) = decoded::<Message>(Default::default(), &stream, &[len]);
        said.into_iter().filter_map(Result::ok).collect::<Vec<_>>()
    };
    let whole = frames(stream.len());
    assert_eq!(frames(1), whole);
    assert_eq!(frames(7), whole);
    assert!(matches!(whole[0].body, Body::Unknown { command: 0x23, .. }));
}
