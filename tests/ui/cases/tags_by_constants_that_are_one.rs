use longlink::Wire;

const LOGIN: u8 = 1;
const LOGOUT: u8 = 1;

#[derive(Wire)]
enum Body {
    #[wire(tag = LOGIN)]
    Login { level: u8 },
    #[wire(tag = LOGOUT)]
    Logout,
}

fn main() {}
