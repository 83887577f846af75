//! The language of declarations: each attribute both ways, whole values, whole errors.

mod message;
