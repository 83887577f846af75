use longlink::Wire;

#[derive(Wire)]
struct Head {
    #[wire(role = sequence)]
    number: u16,
}

#[derive(Wire)]
struct Twice {
    first: Head,
    second: Head,
}

#[derive(Wire)]
struct Beside {
    head: Head,
    #[wire(role = sequence)]
    number: u16,
}

fn main() {}
