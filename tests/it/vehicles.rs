//! The examples `jt808` and `gb32960`: both ends of each, in memory and in paused time.
#![allow(dead_code, unreachable_pub, reason = "programs, of which the tests use a part")]

mod gb32960;
mod jt808;
