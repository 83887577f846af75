use longlink::Wire;

#[derive(Wire)]
enum Body {
    #[wire(tag = 1)]
    Login { level: u8 },
}

#[derive(Wire)]
struct Message {
    kind: u8,
    body: Body,
}

fn main() {}
