use longlink::Wire;

#[derive(Wire)]
struct Empty {}

#[derive(Wire)]
struct Message {
    #[wire(count_prefix = u16)]
    items: Vec<Empty>,
}

fn main() {}
