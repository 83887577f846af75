use longlink::Wire;

#[derive(Wire)]
struct Message {
    name_length: u8,
    #[wire(size = if name_length > 3 { "long" } else { "short" })]
    name: String,
    #[wire(present_if = name_length)]
    level: Option<u8>,
}

fn main() {}
