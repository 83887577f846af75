use longlink::{Auto, Bytes, Frame, Wire};

#[derive(Wire)]
struct Header {
    #[wire(biits = 8)]
    kind: u8,
    length: Auto<u16>,
}

#[derive(Frame)]
#[wire(max_frame_length = 99)]
struct Message {
    header: Header,
    #[wire(length_in = header.length)]
    body: Bytes,
}

#[derive(Wire)]
#[wire(tag = u8)]
enum Value {
    #[wire(tag = 1)]
    Number(u16),
    #[wire(tag = 0x0200)]
    Pair(Box<Value>, Box<Value>),
}

#[derive(Wire)]
struct Values {
    first: Value,
    #[wire(count_prefix = u8)]
    more: Vec<Value>,
}

#[derive(Wire)]
enum Body {
    #[wire(tag = 1, lenght = 3)]
    Text(u8),
}

#[derive(Wire)]
struct Unit {
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    body: Body,
}

fn uses() -> Result<Message, longlink::DecodeError> {
    let _ = Message::new(Header::new(1), Bytes::new());
    Message::decode(&[0])
}

fn main() {}
