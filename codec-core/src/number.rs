//! Integers and floats of N bytes in either byte order.

use crate::scope::Endian;

/// A number that stands in `N` bytes.
pub trait Number<const N: usize>: Sized + Copy {
    /// From its bytes.
    fn read(bytes: [u8; N], endian: Endian) -> Self;
    /// To its bytes.
    fn write(self, endian: Endian) -> [u8; N];
}

macro_rules! numbers {
    ($($number:ident $len:literal),*) => { $(
        impl Number<$len> for $number {
            #[inline(always)]
            fn read(bytes: [u8; $len], endian: Endian) -> Self {
                match endian {
                    Endian::Big => $number::from_be_bytes(bytes),
                    Endian::Little => $number::from_le_bytes(bytes),
                }
            }
            #[inline(always)]
            fn write(self, endian: Endian) -> [u8; $len] {
                match endian {
                    Endian::Big => self.to_be_bytes(),
                    Endian::Little => self.to_le_bytes(),
                }
            }
        }
    )* };
}
numbers!(u8 1, u16 2, u32 4, u64 8, u128 16, i8 1, i16 2, i32 4, i64 8, i128 16, f32 4, f64 8);
