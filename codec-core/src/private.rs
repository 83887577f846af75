//! All that generated code may call. Not public interface: it changes without notice.
#![doc(hidden)]

mod absent;
mod cold;
mod context;
mod derived;
mod each;
mod enclosing;
mod expression;
mod image;
mod lanes;
mod lengths;
mod outside;
mod part;
mod run;
mod split;
mod tuple;
mod whole;
mod written;

pub use alloc::vec::Vec;
pub use core::assert;
pub use core::clone::Clone;
pub use core::convert::{From, Into, TryFrom};
pub use core::default::Default;
pub use core::iter::Iterator;
pub use core::matches;
pub use core::mem::size_of;
pub use core::ops::RangeBounds;
pub use core::option::Option::{self, None, Some};
pub use core::panic;
pub use core::result::Result::{self, Err, Ok};

pub use bytes::{Bytes, BytesMut};
pub use nom::{Err as NomErr, IResult};

pub use absent::{raw_counter, raw_of, raw_size, span_len_unless, unless, unlike, unlike_len};
pub use cold::{
    Refusal, SpanHead, from_end, malformed, malformed_before, plain, refused, short, span_refused,
    widened, wrong_len,
};
pub use context::nothing;
pub use derived::{
    alike, are_alike, count_value, fit, held, is_plain_len, length_value, open, plain_max,
    self_counted, settle_open, settle_plain, settle_tag, settle_tag_of, span_len, tag_of_all,
};
pub use each::{Each, each_len, each_of, each_write};
pub use enclosing::{
    is_outermost, looking, measured, position, reading, region, seen, twin, writing, written_from,
};
pub use expression::{Checked, cast, convert, shl, shr, size, tag};
pub use image::{
    ReadImage, WriteImage, encode_image, encode_images, exact_image, parse_image, parse_images,
};
pub use lanes::{lane, xored8, xored16};
pub use lengths::{common, longest, most, or, shortest, sum, times};
pub use outside::{Foreign, LAYER_MAX, Mapped, apply, foreign, foreign_whole, processed};
pub use part::{
    Between, Clean, between, broken_escape, counted, counter, owned, plain_of, refused_plain,
    split_before, unescaped, value_of,
};
pub use run::{
    behind, exact, exact_before, leading_zeros, narrow, nested_before, number, padding, part, put,
    put_number, stretch, to_align, wide,
};
pub use split::{join, joined, placed, split};
pub use tuple::{part_value, settle_open_part, settle_part};
pub use whole::{Whole, check_bits, largest, sign_extend, to_bits, too_large};
pub use written::{as_str, at_least, at_most, delimited_inside, exactly, hand, measure, zeros};

#[cfg(feature = "arbitrary")]
pub use crate::arbitrary as drawing;
pub use crate::auto::Auto;
pub use crate::border;
pub use crate::checksum::{
    Crc8, Crc16, Crc32, Crc64, Crc128, adler32, adler32_around, internet, internet_around, sum8,
    sum8_around, sum16, sum16_around, with_hole, xor8, xor8_around, xor16, xor16_around,
};
pub use crate::containers::run_len;
pub use crate::decimal::{decimal_len, decimal_of, decimal_read, decimal_write};
pub use crate::digits::{Digits, bcd_number, bcd_number_write, bcd_read, bcd_write};
pub use crate::error::{DecodeError, EncodeError, Fault};
pub use crate::escape::{Escapes, escape, escaped_offset};
pub use crate::frame::{Frame, Probe, Resync};
pub use crate::greedy::utf8;
pub use crate::integer::{fitting, odd_read, odd_write, sized_read, sized_write};
pub use crate::lazy::Lazy;
pub use crate::list::{ends_with, list, list_to_end, list_until, list_write};
pub use crate::mask::{MaskKey, masked, unmasked};
pub use crate::minimal::{minimal_len, minimal_of, minimal_write};
pub use crate::number::Number;
pub use crate::padded::{Filling, pad, padded_len, padded_read};
#[cfg(feature = "zlib")]
pub use crate::process::{deflate, inflate};
pub use crate::roles::{Role, RoleValue, Roles, wrapped};
pub use crate::scale::{scaled_read, scaled_write};
pub use crate::schema::{self, Schema, bits_schema_of, schema_of};
pub use crate::scope::{Around, Enclosing, Endian, Scope};
pub use crate::steps::{
    Step, steps_head, steps_len, steps_read, steps_tail, steps_tail_len, steps_tail_write,
    steps_write,
};
pub use crate::tag::{
    constant as tag_constant, joined as tag_joined, overlap as tags_overlap, part as tag_part,
    parts as tag_parts,
};
pub use crate::text::{
    Charset, Chosen, TextForm, charset, terminate, terminated, text_borrow, text_len, text_owned,
    text_read, text_write,
};
pub use crate::time::CivilTime;
pub use crate::twin::{Twin, inside_of_delimiters};
pub use crate::varint::{
    Overlong, ber_len, ber_read, ber_write, leb128_len, leb128_read, leb128_write, vlq_len,
    vlq_read, vlq_write, zigzag_len, zigzag_read, zigzag_write,
};
pub use crate::wire::{Bits, Parse, Tag, Tagged, Wire};
/// The catalogue of CRC parameters, for the statics of generated code.
pub use ::crc as catalogue;
