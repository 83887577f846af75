use longlink::{Bytes, Wire};

#[derive(Wire)]
#[wire(ctx(key: u8))]
struct Body {
    #[wire(size = key)]
    raw: Bytes,
}

#[derive(Wire)]
struct Message {
    body: Body,
}

fn main() {}
