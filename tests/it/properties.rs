//! Laws that hold for every value: round trips, truncations, flipped bits, splits of the stream.

mod message;
mod packet;
mod unit;
