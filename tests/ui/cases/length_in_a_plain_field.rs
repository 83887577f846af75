use longlink::{Bytes, Wire};

#[derive(Wire)]
struct Header {
    length: u16,
}

#[derive(Wire)]
struct Message {
    header: Header,
    #[wire(length_in = header.length)]
    body: Bytes,
}

fn main() {}
