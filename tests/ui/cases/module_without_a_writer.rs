use longlink::Wire;

mod angle {
    type Parsed<'i> = longlink::codec::private::IResult<&'i [u8], u16, longlink::DecodeError>;

    pub fn read(input: &[u8]) -> Parsed<'_> {
        let (rest, bytes) = longlink::Parse::parse(input)?;
        Ok((rest, u16::from_be_bytes(bytes)))
    }
}

#[derive(Wire)]
struct Message {
    #[wire(with = angle)]
    angle: u16,
}

fn main() {}
