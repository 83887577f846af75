//! A seeded loop over the fuzz targets, for the stable compiler.
//!
//! ```text
//! seeded [--seconds 20] [--seed 1] [TARGET..]
//! seeded --corpus DIRECTORY
//! ```
//!
//! The second form writes the inputs that the loop begins with into files, for cargo-fuzz.
//! An input that fails is printed in hexadecimal with its seed before the panic goes on.

use std::path::Path;
use std::time::{Duration, Instant};

use longlink_fuzz::{TARGETS, seeds};

fn main() {
    let mut seconds = 20;
    let mut seed = 1;
    let mut names = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--corpus" {
            return write_corpus(Path::new(&arguments.next().expect("a directory")));
        }
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--seconds" => seconds = number(),
            "--seed" => seed = number(),
            _ => names.push(argument),
        }
    }
    for (name, target) in TARGETS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            run(name, target, seed, Duration::from_secs(seconds));
        }
    }
}

fn write_corpus(directory: &Path) {
    std::fs::create_dir_all(directory).expect("a directory that can be written");
    for (index, seed) in seeds().iter().enumerate() {
        std::fs::write(directory.join(format!("seed-{index}")), seed).expect("a file");
    }
}

/// Calls the target until the time is over.
fn run(name: &str, target: fn(&[u8]), seed: u64, time: Duration) {
    let mut random = Random(seed);
    let corpus = seeds();
    let began = Instant::now();
    let mut executions = 0_u64;
    while began.elapsed() < time {
        for _ in 0..256 {
            let input = random.input(&corpus);
            let guard = Report { name, seed, input: &input };
            target(&input);
            std::mem::forget(guard);
            executions += 1;
        }
    }
    println!("{name}: {executions} executions in {} s, seed {seed}", time.as_secs());
}

/// Prints the input when the target panics.
struct Report<'a> {
    name: &'a str,
    seed: u64,
    input: &'a [u8],
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        eprintln!("{} fails with seed {} on {:02X?}", self.name, self.seed, self.input);
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        const TELLING: [u8; 12] =
            [0x00, 0x01, 0x02, 0x7D, 0x7E, 0x7F, 0x80, 0xFE, 0xFF, 0x68, 0x23, 0x04];
        let any = (self.next() & 0xFF) as u8;
        if self.below(3) == 0 { TELLING[self.below(TELLING.len())] } else { any }
    }

    /// A good frame with some changes, a part of one glued to another, or anything at all.
    fn input(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        match self.below(8) {
            0 => input = (0..self.below(80) + 1).map(|_| self.byte()).collect(),
            1 => {
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len());
                input.extend_from_slice(&other[from..]);
            }
            _ => {}
        }
        for _ in 0..self.below(5) {
            self.change(&mut input);
        }
        if self.below(2) == 0 {
            repair(&mut input);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        if input.len() < 2 {
            return;
        }
        let at = 1 + self.below(input.len() - 1);
        match self.below(6) {
            0 => input[at] ^= 1 << self.below(8),
            1 => input[at] = self.byte(),
            2 => input.truncate(at),
            3 => input.insert(at, self.byte()),
            4 => drop(input.remove(at)),
            _ => input[at] = input[at].wrapping_add(1),
        }
    }
}

/// Makes lengths and sums right again, so that changes get past them.
fn repair(input: &mut [u8]) {
    let Some((choice, frame)) = input.split_first_mut() else { return };
    let len = frame.len();
    let (from, to) = match choice {
        0 if len >= 11 => {
            frame[..4].copy_from_slice(&(len as u32).to_be_bytes());
            (0, len - 1)
        }
        1 if len >= 15 && frame[len - 2] != 0x02 && frame[len - 2] != 0x01 => (1, len - 2),
        3 if (6..=255).contains(&len) => {
            frame[1] = (len - 2) as u8;
            return;
        }
        4 if len >= 25 => {
            frame[22..24].copy_from_slice(&((len - 25) as u16).to_be_bytes());
            (2, len - 1)
        }
        _ => return,
    };
    let sum = frame[from..to].iter().fold(0, |sum, byte| sum ^ byte);
    if *choice != 1 || !(0x7D..=0x7E).contains(&sum) {
        frame[to] = sum;
    }
}
