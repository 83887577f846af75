//! The checksums as somebody would write them by hand.

const POLYNOMIAL: u16 = 0x1021;

static TABLES: [[u16; 256]; 8] = tables();

const fn tables() -> [[u16; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut index = 0;
    while index < 256 {
        let mut register = (index as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            let carry = register & 0x8000 != 0;
            register = if carry { (register << 1) ^ POLYNOMIAL } else { register << 1 };
            bit += 1;
        }
        tables[0][index] = register;
        index += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut index = 0;
        while index < 256 {
            let before = tables[table - 1][index];
            tables[table][index] = (before << 8) ^ tables[0][(before >> 8) as usize];
            index += 1;
        }
        table += 1;
    }
    tables
}

/// CRC-16/IBM-3740 (CCITT-FALSE), eight bytes a step: what all but longlink use.
#[inline(never)]
pub fn crc16(bytes: &[u8]) -> u16 {
    let mut register = 0xffff_u16;
    let (steps, tail) = bytes.as_chunks::<8>();
    for step in steps {
        register = TABLES[7][(step[0] ^ (register >> 8) as u8) as usize]
            ^ TABLES[6][(step[1] ^ register as u8) as usize]
            ^ TABLES[5][step[2] as usize]
            ^ TABLES[4][step[3] as usize]
            ^ TABLES[3][step[4] as usize]
            ^ TABLES[2][step[5] as usize]
            ^ TABLES[1][step[6] as usize]
            ^ TABLES[0][step[7] as usize];
    }
    for byte in tail {
        register = (register << 8) ^ TABLES[0][((register >> 8) as u8 ^ byte) as usize];
    }
    register
}

/// Exclusive or of big-endian words; the length is even.
#[inline(always)]
pub fn xor16(bytes: &[u8]) -> u16 {
    let mut sum = 0u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        sum ^= u64::from_ne_bytes(word.try_into().unwrap());
    }
    let mut tail = 0u16;
    for pair in words.remainder().chunks_exact(2) {
        tail ^= u16::from_ne_bytes(pair.try_into().unwrap());
    }
    let half = (sum ^ (sum >> 32)) as u32;
    let quarter = (half ^ (half >> 16)) as u16;
    (quarter ^ tail).to_be()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_gives_the_check_value_of_the_catalogue() {
        assert_eq!(crc16(b"123456789"), crc::CRC_16_IBM_3740.check);
    }
}
