use longlink::{Auto, Bytes, Frame, Wire};

#[derive(Wire)]
struct Body {
    #[wire(prefix = u32)]
    raw: Bytes,
}

#[derive(Frame)]
struct Message {
    #[wire(length_of = body)]
    length: Auto<u32>,
    body: Body,
}

fn main() {}
