//! Strategies for proptest.

use alloc::vec::Vec;
use core::fmt::Debug;

use arbitrary::{Result, Unstructured};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use super::mutant::{Mutant, mutant, written};
use super::{Arbitrary, value};
use crate::frame::{Frame, Resync};
use crate::wire::Wire;

/// Most bytes that one value is drawn from.
const BYTES: usize = 768;

/// Values that can be written, under the default context.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// # // The derive stands in another crate; see its documentation for a whole example.
/// use longlink::codec::arbitrary::values;
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
///
/// let ports: Vec<u16> = values().new_tree(&mut TestRunner::default()).unwrap().current();
/// assert!(ports.len() <= 512);
/// ```
pub fn values<T>() -> impl Strategy<Value = T>
where
    T: Wire<Context: Default> + for<'a> Arbitrary<'a, Declared = <T as Wire>::Context> + Debug,
{
    values_with(T::Context::default())
}

/// Values that can be written under a context.
pub fn values_with<T, C>(context: C) -> impl Strategy<Value = T>
where
    T: for<'a> Arbitrary<'a, Declared = C> + Wire<Context = C> + Debug,
{
    drawn(move |source| value(source, &context))
}

/// Values, each with a wrong form of itself and what reading that must lead to.
pub fn mutants<F>() -> impl Strategy<Value = (F, Mutant)>
where
    F: Frame<Context: Default>
        + for<'a> Arbitrary<'a, Declared = <F as Wire>::Context>
        + Clone
        + Debug,
{
    mutants_with(F::Context::default())
}

/// The same under a context.
pub fn mutants_with<F, C>(context: C) -> impl Strategy<Value = (F, Mutant)>
where
    F: for<'a> Arbitrary<'a, Declared = C> + Frame<Context = C> + Clone + Debug,
{
    drawn(move |source| {
        let value: F = value(source, &context)?;
        let mutant = mutant(&value, &context, source)?;
        Ok((value, mutant))
    })
}

/// A stream of frames with garbage before some of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream<F> {
    /// The frames that a decoder must yield.
    pub frames: Vec<F>,
    /// What it is given.
    pub bytes: Vec<u8>,
    /// Where each run of garbage that it must report begins, and how long it is.
    pub garbage: Vec<(u64, u64)>,
}

/// Streams of up to five frames. Garbage stands only where frames are searched for, before the first
/// one only where they have no checksum, and holds nothing that could be the beginning of one.
pub fn streams<F>() -> impl Strategy<Value = Stream<F>>
where
    F: Frame<Context: Default> + for<'a> Arbitrary<'a, Declared = <F as Wire>::Context> + Debug,
{
    streams_with(F::Context::default())
}

/// The same under a context.
pub fn streams_with<F, C>(context: C) -> impl Strategy<Value = Stream<F>>
where
    F: for<'a> Arbitrary<'a, Declared = C> + Frame<Context = C> + Debug,
{
    drawn(move |source| {
        let mut stream = Stream { frames: Vec::new(), bytes: Vec::new(), garbage: Vec::new() };
        for _ in 0..source.int_in_range(1..=5)? {
            // What a frame without a checksum is believed by is a frame behind it.
            let believed = F::CHECKED || stream.frames.is_empty();
            let run = if believed { garbage::<F>(source)? } else { Vec::new() };
            if !run.is_empty() {
                stream.garbage.push((stream.bytes.len() as u64, run.len() as u64));
                stream.bytes.extend_from_slice(&run);
            }
            let frame: F = value(source, &context)?;
            stream.bytes.extend(written(&frame, &context)?);
            stream.frames.push(frame);
        }
        Ok(stream)
    })
}

/// Bytes that begin no frame; none where any bytes would.
fn garbage<F: Frame>(source: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let delimiter = F::SCHEMA.border.and_then(|border| border.start.first().or(F::NOISE.first()));
    let Some(first) = F::MAGIC.first().or(delimiter) else { return Ok(Vec::new()) };
    if F::RESYNC == Resync::Close {
        return Ok(Vec::new());
    }
    // Between two shared delimiters so many bytes could be a frame: zeros have a sum of zero.
    let most = match F::NOISE.len() {
        0 => 24,
        delimiter => F::MIN_FRAME_LEN.saturating_sub(2 * delimiter + 1).min(24),
    };
    let mut run = alloc::vec![0; source.int_in_range(0..=most)?];
    source.fill_buffer(&mut run)?;
    run.iter_mut().filter(|byte| *byte == first).for_each(|byte| *byte = byte.wrapping_add(1));
    Ok(run)
}

/// What can be drawn out of random bytes; shrinks as they do.
fn drawn<T: Debug>(draw: impl Fn(&mut Unstructured<'_>) -> Result<T>) -> impl Strategy<Value = T> {
    let bytes = vec(any::<u8>(), 0..=BYTES);
    bytes.prop_filter_map("no value comes of these bytes", move |bytes| {
        draw(&mut Unstructured::new(&bytes)).ok()
    })
}
