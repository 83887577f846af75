use longlink::Wire;

struct Body {
    level: u8,
}

#[derive(Wire)]
struct Message {
    body: Body,
}

fn main() {}
