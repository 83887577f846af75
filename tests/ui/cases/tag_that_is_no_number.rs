use longlink::Wire;

const LOGIN: &str = "login";

#[derive(Wire)]
enum Body {
    #[wire(tag = LOGIN)]
    Login { level: u8 },
    #[wire(tag = 2)]
    Alive,
}

fn main() {}
