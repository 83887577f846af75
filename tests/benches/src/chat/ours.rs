//! The declarations: owned and borrowing, each with and without a CRC.
//!
//! The forms share nothing, as the hand-written ones, which are generic over the CRC: what only one
//! frame uses is compiled into its reader.

macro_rules! declarations {
    ($module:ident, $doc:literal, $(#[$crc:meta])* $checksum:ty, $($unchecked:expr)?) => {
        #[doc = $doc]
        pub mod $module {
            use longlink::codec::DecodeError;
            use longlink::{Auto, BytesMut, Frame, Lazy, Parse, Wire};
            use nom::IResult;

            use crate::chat::{self, CHAT, LEAVE, PING};

            #[derive(Debug, Clone, PartialEq, Frame)]
            #[wire(endian = big, max_frame_length = 64 * 1024)]
            pub struct Message {
                #[wire(length_of = ..)]
                length: Auto<u32>,
                #[wire(tag_of = body)]
                command: Auto<u16>,
                pub sequence: u32,
                pub body: Body,
                $(#[$crc])*
                crc: $checksum,
            }

            #[derive(Debug, Clone, PartialEq, Wire)]
            pub enum Body {
                #[wire(tag = 0x0001)]
                Ping { nonce: u64 },
                #[wire(tag = 0x0010)]
                Chat {
                    from: u64,
                    to: u64,
                    #[wire(prefix = u16)]
                    text: String,
                    #[wire(count_prefix = u8)]
                    attributes: Vec<Attribute>,
                },
                #[wire(tag = 0x0011)]
                Leave { who: u64, reason: u8 },
            }

            #[derive(Debug, Clone, PartialEq, Wire)]
            pub struct Attribute {
                pub tag: u8,
                #[wire(prefix = u16)]
                pub value: Vec<u8>,
            }

            #[derive(Debug, Clone, PartialEq, Frame)]
            #[wire(endian = big, max_frame_length = 64 * 1024)]
            pub struct LazyMessage<'a> {
                #[wire(length_of = ..)]
                length: Auto<u32>,
                #[wire(tag_of = body)]
                command: Auto<u16>,
                pub sequence: u32,
                pub body: LazyBody<'a>,
                $(#[$crc])*
                crc: $checksum,
            }

            #[derive(Debug, Clone, PartialEq, Wire)]
            pub enum LazyBody<'a> {
                #[wire(tag = 0x0001)]
                Ping { nonce: u64 },
                #[wire(tag = 0x0010)]
                Chat {
                    from: u64,
                    to: u64,
                    #[wire(prefix = u16)]
                    text: &'a str,
                    #[wire(count_prefix = u8)]
                    attributes: Lazy<'a, LazyAttribute<'a>>,
                },
                #[wire(tag = 0x0011)]
                Leave { who: u64, reason: u8 },
            }

            #[derive(Debug, Clone, PartialEq, Wire)]
            pub struct LazyAttribute<'a> {
                pub tag: u8,
                #[wire(prefix = u16)]
                pub value: &'a [u8],
            }

            #[inline(never)]
            pub fn decode(frame: &[u8]) -> IResult<&[u8], Message, DecodeError> {
                Message::parse(frame)
            }

            #[inline(never)]
            pub fn decode_lazy(frame: &[u8]) -> IResult<&[u8], LazyMessage<'_>, DecodeError> {
                LazyMessage::parse(frame)
            }

            #[inline(never)]
            pub fn encode(message: &Message, out: &mut BytesMut) {
                message.encode(out).expect("a sample fits its fields");
            }

            pub fn value(message: &chat::Message) -> Message {
                let body = match &message.body {
                    chat::Body::Ping { nonce } => Body::Ping { nonce: *nonce },
                    chat::Body::Chat { from, to, text, attributes } => {
                        let attribute = |attribute: &chat::Attribute| Attribute {
                            tag: attribute.tag,
                            value: attribute.value.clone(),
                        };
                        let attributes = attributes.iter().map(attribute).collect();
                        Body::Chat { from: *from, to: *to, text: text.clone(), attributes }
                    }
                    chat::Body::Leave { who, reason } => {
                        Body::Leave { who: *who, reason: *reason }
                    }
                };
                Message::new(message.sequence, body $(, $unchecked)?)
            }

            pub fn plain(message: Message) -> chat::Message {
                let (command, body) = match message.body {
                    Body::Ping { nonce } => (PING, chat::Body::Ping { nonce }),
                    Body::Chat { from, to, text, attributes } => {
                        let attribute =
                            |Attribute { tag, value }| chat::Attribute { tag, value };
                        let attributes = attributes.into_iter().map(attribute).collect();
                        (CHAT, chat::Body::Chat { from, to, text, attributes })
                    }
                    Body::Leave { who, reason } => (LEAVE, chat::Body::Leave { who, reason }),
                };
                chat::Message { command, sequence: message.sequence, body }
            }

            pub fn plain_lazy(message: LazyMessage<'_>) -> chat::Message {
                let (command, body) = match message.body {
                    LazyBody::Ping { nonce } => (PING, chat::Body::Ping { nonce }),
                    LazyBody::Chat { from, to, text, attributes } => {
                        let attribute = |item: LazyAttribute<'_>| chat::Attribute {
                            tag: item.tag,
                            value: item.value.to_vec(),
                        };
                        let attributes = attributes.iter().map(attribute).collect();
                        (CHAT, chat::Body::Chat { from, to, text: text.into(), attributes })
                    }
                    LazyBody::Leave { who, reason } => (LEAVE, chat::Body::Leave { who, reason }),
                };
                chat::Message { command, sequence: message.sequence, body }
            }
        }
    };
}

declarations!(
    checked,
    "With a CRC.",
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    Auto<u16>,
);
declarations!(unchecked, "The last two bytes are any number.", u16, 0);
