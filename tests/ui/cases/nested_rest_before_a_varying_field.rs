use longlink::{Bytes, Wire};

#[derive(Wire)]
struct Body {
    #[wire(rest)]
    raw: Bytes,
}

#[derive(Wire)]
struct Message {
    body: Body,
    #[wire(prefix = u8)]
    name: String,
}

fn main() {}
