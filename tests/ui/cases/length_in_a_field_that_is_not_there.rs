use longlink::{Auto, Bytes, Wire};

#[derive(Wire)]
struct Header {
    length: Auto<u16>,
}

#[derive(Wire)]
struct Message {
    header: Header,
    #[wire(length_in = header.size)]
    body: Bytes,
}

fn main() {}
