use longlink::{Auto, Wire};

fn sum(bytes: &str) -> u8 {
    bytes.len() as u8
}

#[derive(Wire)]
struct Message {
    level: u8,
    #[wire(checksum = self::sum, over = ..self)]
    check: Auto<u8>,
}

fn main() {}
