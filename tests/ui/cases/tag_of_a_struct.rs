use longlink::{Auto, Wire};

#[derive(Wire)]
struct Body {
    level: u8,
}

#[derive(Wire)]
struct Message {
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    body: Body,
}

fn main() {}
