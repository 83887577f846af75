use longlink::{Bytes, Wire};

mod header {
    use longlink::{Auto, Wire};

    #[derive(Wire)]
    pub struct Header {
        length: Auto<u16>,
    }
}

#[derive(Wire)]
struct Message {
    header: header::Header,
    #[wire(length_in = header.length)]
    body: Bytes,
}

fn main() {}
