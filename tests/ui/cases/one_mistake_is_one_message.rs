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

fn uses() -> Result<Message, longlink::DecodeError> {
    let _ = Message::new(Header::new(1), Bytes::new());
    Message::decode(&[0])
}

fn main() {}
