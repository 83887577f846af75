//! The properties of MQTT 5: a number that says what follows, and a value.
//!
//! Source: OASIS Standard MQTT Version 5.0, clause 2.2.2 and table 2-4.

use longlink::{Auto, Bytes, Wire};

/// One property.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Property {
    #[wire(varint = leb128, max_bytes = 4, tag_of = value, display = hex)]
    id: Auto<u32>,
    /// What it says.
    pub value: Value,
}

/// Table 2-4. One that is not here makes a packet malformed: nothing says where it ends.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Value {
    /// The payload is UTF-8.
    #[wire(tag = 0x01)]
    PayloadIsText(bool),
    /// The message is worth nothing after so long.
    #[wire(tag = 0x02)]
    MessageExpiry(#[wire(unit = "s")] u32),
    /// What the payload is.
    #[wire(tag = 0x03)]
    ContentType(#[wire(prefix = u16)] String),
    /// Where an answer is wanted.
    #[wire(tag = 0x08)]
    ResponseTopic(#[wire(prefix = u16)] String),
    /// What the answer is to carry.
    #[wire(tag = 0x09)]
    CorrelationData(#[wire(prefix = u16)] Bytes),
    /// The subscription that a message matched.
    #[wire(tag = 0x0B)]
    SubscriptionIdentifier(#[wire(varint = leb128, max_bytes = 4, valid = 1..)] u32),
    /// How long the session is kept after the connection.
    #[wire(tag = 0x11)]
    SessionExpiry(#[wire(unit = "s")] u32),
    /// The name that the server gave.
    #[wire(tag = 0x12)]
    AssignedClient(#[wire(prefix = u16)] String),
    /// The keep-alive that the server wants instead.
    #[wire(tag = 0x13)]
    ServerKeepAlive(#[wire(unit = "s")] u16),
    /// Of an extended authentication.
    #[wire(tag = 0x15)]
    AuthenticationMethod(#[wire(prefix = u16)] String),
    /// Of an extended authentication.
    #[wire(tag = 0x16)]
    AuthenticationData(#[wire(prefix = u16, secret)] Bytes),
    /// Reasons in words are welcome.
    #[wire(tag = 0x17)]
    RequestProblem(bool),
    /// The will waits so long for the client to come back.
    #[wire(tag = 0x18)]
    WillDelay(#[wire(unit = "s")] u32),
    /// Response information is welcome.
    #[wire(tag = 0x19)]
    RequestResponse(bool),
    /// What response topics are made of.
    #[wire(tag = 0x1A)]
    ResponseInformation(#[wire(prefix = u16)] String),
    /// Another server.
    #[wire(tag = 0x1C)]
    ServerReference(#[wire(prefix = u16)] String),
    /// Why, for people.
    #[wire(tag = 0x1F)]
    Reason(#[wire(prefix = u16)] String),
    /// Messages above quality 0 that may be under way at once.
    #[wire(tag = 0x21)]
    ReceiveMaximum(#[wire(valid = 1..)] u16),
    /// The largest alias that the other side may use.
    #[wire(tag = 0x22)]
    TopicAliasMaximum(u16),
    /// A number that stands for the topic.
    #[wire(tag = 0x23)]
    TopicAlias(#[wire(valid = 1..)] u16),
    /// The best quality of service that the server has.
    #[wire(tag = 0x24)]
    MaximumQuality(#[wire(valid = 0..=1)] u8),
    /// The server keeps messages.
    #[wire(tag = 0x25)]
    RetainAvailable(bool),
    /// Whatever the user wants.
    #[wire(tag = 0x26)]
    User {
        /// May come more than once.
        #[wire(prefix = u16)]
        name: String,
        /// For people.
        #[wire(prefix = u16)]
        value: String,
    },
    /// The longest packet that the other side may send.
    #[wire(tag = 0x27)]
    MaximumPacket(#[wire(valid = 1.., unit = "bytes")] u32),
    /// The server knows wildcards.
    #[wire(tag = 0x28)]
    WildcardAvailable(bool),
    /// The server knows subscription identifiers.
    #[wire(tag = 0x29)]
    SubscriptionIdentifierAvailable(bool),
    /// The server knows shared subscriptions.
    #[wire(tag = 0x2A)]
    SharedAvailable(bool),
}

/// The first property that `pick` wants.
pub fn find<T>(
    properties: &Option<Vec<Property>>,
    pick: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    properties.iter().flatten().find_map(|property| pick(&property.value))
}

/// All of them, as a packet of this version has them.
pub fn list(version: u8, values: impl IntoIterator<Item = Value>) -> Option<Vec<Property>> {
    (version >= 5).then(|| values.into_iter().map(Property::new).collect())
}
