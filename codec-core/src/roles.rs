//! What a session needs to know of a frame, said by `role = ..` in the declaration.

/// The roles of a frame's fields and variants. Every method has a default: "has none".
///
/// The derives forward to nested fields and to the variant that is held.
pub trait Roles {
    /// The sequence number that the sender gave the frame.
    fn sequence(&self) -> Option<u64> {
        None
    }
    /// Writes the sequence number, wrapped at its field's width, into the frame. `false`: none.
    fn set_sequence(&mut self, _sequence: u64) -> bool {
        false
    }
    /// The sequence number of the request that this frame answers.
    fn replies_to(&self) -> Option<u64> {
        None
    }
    /// Writes the number of the request that this frame answers. `false`: it has no such field.
    fn set_replies_to(&mut self, _sequence: u64) -> bool {
        false
    }
    /// The sequence number that this frame acknowledges.
    fn acknowledges(&self) -> Option<u64> {
        None
    }
    /// Writes the number that this frame acknowledges. `false`: it has no such field.
    fn set_acknowledges(&mut self, _sequence: u64) -> bool {
        false
    }
    /// A sign of life, and nothing else.
    fn is_heartbeat(&self) -> bool {
        false
    }
    /// The answer to a sign of life.
    fn is_heartbeat_reply(&self) -> bool {
        false
    }
    /// The peer acknowledges this frame.
    fn is_acknowledged(&self) -> bool {
        false
    }
    /// Index of this fragment in its message.
    fn fragment_index(&self) -> Option<u64> {
        None
    }
    /// Number of fragments of the message.
    fn fragment_total(&self) -> Option<u64> {
        None
    }
    /// Width of the sequence field in bits; 0 where the type has none. The sequence wraps there.
    fn sequence_bits(&self) -> u32 {
        0
    }
    /// The heartbeat of this type, when a variant with `role = heartbeat` has no free field.
    fn heartbeat() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}
