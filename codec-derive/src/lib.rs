//! derive(Wire) and derive(Frame).
