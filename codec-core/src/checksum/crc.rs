//! Cyclic redundancy checks: parameters and tables of the `crc` crate, sixteen bytes a step.

use ::crc::{Algorithm, Crc, Table};

/// Zeros for the hole in a span.
const ZEROS: [u8; 16] = [0; 16];

macro_rules! widths {
    ($($(#[$doc:meta])* $name:ident $number:ident $bits:literal;)*) => { $(
        $(#[$doc])*
        ///
        /// Meant to be a `static`: it holds sixteen tables of 256 entries.
        pub struct $name(Crc<$number, Table<16>>);

        impl $name {
            /// Computes the tables.
            #[must_use]
            pub const fn new(algorithm: &'static Algorithm<$number>) -> Self {
                Self(Crc::<$number, Table<16>>::new(algorithm))
            }

            /// The checksum of a span.
            #[inline]
            #[must_use]
            pub fn of(&self, span: &[u8]) -> $number {
                self.end(self.update(self.begin(), span))
            }

            /// The checksum of a span with a hole that counts as zeros.
            #[must_use]
            pub fn around(&self, before: &[u8], hole: usize, after: &[u8]) -> $number {
                let mut register = self.update(self.begin(), before);
                let mut left = hole;
                while left > 0 {
                    let zeros = ZEROS.get(..left).unwrap_or(&ZEROS);
                    register = self.update(register, zeros);
                    left -= zeros.len();
                }
                self.end(self.update(register, after))
            }

            /// The register before the first byte: at its low end when bits are reflected, else
            /// at its high end.
            #[inline]
            fn begin(&self) -> $number {
                let algorithm = self.0.algorithm;
                let spare = $bits - u32::from(algorithm.width);
                if algorithm.refin {
                    algorithm.init.reverse_bits() >> spare
                } else {
                    algorithm.init << spare
                }
            }

            /// The checksum that a register stands for.
            #[inline]
            fn end(&self, register: $number) -> $number {
                let algorithm = self.0.algorithm;
                let spare = $bits - u32::from(algorithm.width);
                let value = match (algorithm.refin, algorithm.refout) {
                    (true, true) => register,
                    (true, false) => register.reverse_bits() >> spare,
                    (false, true) => register.reverse_bits(),
                    (false, false) => register >> spare,
                };
                value ^ algorithm.xorout
            }

            #[inline]
            fn update(&self, register: $number, span: &[u8]) -> $number {
                if self.0.algorithm.refin {
                    self.run::<true>(register, span)
                } else {
                    self.run::<false>(register, span)
                }
            }

            fn run<const REFLECTED: bool>(&self, mut register: $number, span: &[u8]) -> $number {
                let (steps, tail) = span.as_chunks::<16>();
                for step in steps {
                    register = self.step::<REFLECTED, 16>(register, *step);
                }
                let (steps, tail) = tail.as_chunks::<8>();
                for step in steps {
                    register = self.step::<REFLECTED, 8>(register, *step);
                }
                let (steps, tail) = tail.as_chunks::<4>();
                for step in steps {
                    register = self.step::<REFLECTED, 4>(register, *step);
                }
                for byte in tail {
                    register = self.step::<REFLECTED, 1>(register, [*byte]);
                }
                register
            }

            /// `N` bytes at once: the register goes into the first of them, each byte has a table
            /// that knows how many bytes follow, and what the register has beyond `N` bytes moves.
            ///
            /// Loops by index: these are unrolled, iterators over the tables were not, which took
            /// eight times as many instructions.
            #[inline(always)]
            #[expect(clippy::indexing_slicing, reason = "below N, at most 16; a byte")]
            fn step<const REFLECTED: bool, const N: usize>(
                &self,
                register: $number,
                mut bytes: [u8; N],
            ) -> $number {
                let bits = u32::try_from(8 * N).unwrap_or(u32::MAX);
                let (first, moved) = if REFLECTED {
                    (register.to_le_bytes(), register.checked_shr(bits))
                } else {
                    (register.to_be_bytes(), register.checked_shl(bits))
                };
                let own = first.len().min(N);
                let mut at = 0;
                while at < own {
                    bytes[at] ^= first[at];
                    at += 1;
                }
                let tables = self.0.table();
                let mut sum = moved.unwrap_or(0);
                let mut at = 0;
                while at < N {
                    sum ^= tables[N - 1 - at][usize::from(bytes[at])];
                    at += 1;
                }
                sum
            }
        }
    )* };
}
widths! {
    /// A CRC of 3 to 8 bits.
    Crc8 u8 8;
    /// A CRC of 9 to 16 bits.
    Crc16 u16 16;
    /// A CRC of 17 to 32 bits.
    Crc32 u32 32;
    /// A CRC of 33 to 64 bits.
    Crc64 u64 64;
    /// A CRC of 65 to 128 bits.
    Crc128 u128 128;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::with_hole;
    use alloc::vec::Vec;

    /// "check" of the catalogue is the CRC of these nine bytes.
    const CHECK: &[u8] = b"123456789";

    #[test]
    fn each_width_gives_the_check_value_of_the_catalogue() {
        assert_eq!(Crc8::new(&::crc::CRC_8_SMBUS).of(CHECK), 0xf4);
        assert_eq!(Crc16::new(&::crc::CRC_16_IBM_3740).of(CHECK), 0x29b1);
        assert_eq!(Crc16::new(&::crc::CRC_16_MODBUS).of(CHECK), 0x4b37);
        assert_eq!(Crc32::new(&::crc::CRC_32_ISO_HDLC).of(CHECK), 0xcbf4_3926);
        assert_eq!(Crc64::new(&::crc::CRC_64_XZ).of(CHECK), 0x995d_c9bb_df19_39fa);
        let check = ::crc::CRC_82_DARC.check;
        assert_eq!(Crc128::new(&::crc::CRC_82_DARC).of(CHECK), check);
    }

    #[test]
    fn odd_widths_stand_at_the_right_end_of_the_register() {
        assert_eq!(Crc8::new(&::crc::CRC_3_ROHC).of(CHECK), ::crc::CRC_3_ROHC.check);
        assert_eq!(Crc8::new(&::crc::CRC_3_GSM).of(CHECK), ::crc::CRC_3_GSM.check);
        assert_eq!(Crc16::new(&::crc::CRC_12_UMTS).of(CHECK), ::crc::CRC_12_UMTS.check);
        assert_eq!(Crc32::new(&::crc::CRC_24_OPENPGP).of(CHECK), ::crc::CRC_24_OPENPGP.check);
    }

    #[test]
    fn steps_of_every_size_agree_with_the_crc_crate() {
        let bytes: Vec<u8> = (0..=255).collect();
        let plain = [
            Crc::<u16, Table<1>>::new(&::crc::CRC_16_IBM_3740),
            Crc::<u16, Table<1>>::new(&::crc::CRC_16_MODBUS),
        ];
        let ours = [Crc16::new(&::crc::CRC_16_IBM_3740), Crc16::new(&::crc::CRC_16_MODBUS)];
        for len in 0..bytes.len() {
            for (plain, ours) in plain.iter().zip(&ours) {
                assert_eq!(ours.of(&bytes[..len]), plain.checksum(&bytes[..len]), "{len}");
            }
        }
    }

    #[test]
    fn a_hole_counts_as_zeros() {
        let crc = Crc32::new(&::crc::CRC_32_ISO_HDLC);
        for hole in [0, 1, 4, 16, 17, 40] {
            assert_eq!(crc.around(CHECK, hole, b"tail"), crc.of(&with_hole(CHECK, hole, b"tail")));
        }
    }
}
