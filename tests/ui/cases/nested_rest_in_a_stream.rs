use longlink::{Bytes, Frame, Wire};

#[derive(Wire)]
struct Body {
    #[wire(rest)]
    raw: Bytes,
}

#[derive(Frame)]
#[wire(max_frame_length = 99)]
struct Message {
    kind: u8,
    body: Body,
}

fn main() {}
