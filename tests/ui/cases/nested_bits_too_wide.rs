use longlink::Wire;

#[derive(Wire)]
#[wire(bitfield = 6)]
struct Flags {
    #[wire(bits = 6)]
    level: u8,
}

#[derive(Wire)]
struct Message {
    #[wire(bits = 4)]
    kind: u8,
    #[wire(bits = 4)]
    flags: Flags,
}

fn main() {}
