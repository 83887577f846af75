//! Names of topics, and the filters that match them.
//!
//! Source: OASIS Standard MQTT Version 5.0, clause 4.7; the same in 3.1.1.

/// What a message may be published under: not empty, no wildcards, no zero.
pub fn is_name(topic: &str) -> bool {
    !topic.is_empty() && !topic.contains(['+', '#', '\0'])
}

/// What may be subscribed to: `+` and `#` fill a level, `#` the last.
pub fn is_filter(filter: &str) -> bool {
    let mut levels = filter.split('/').rev();
    let last = levels.next().unwrap_or_default();
    let fits = |level: &str| level == "+" || !level.contains(['+', '#', '\0']);
    !filter.is_empty() && (last == "#" || fits(last)) && levels.all(fits)
}

/// Whether messages under `topic` are for who has subscribed to `filter`. §4.7.2: a wildcard at the
/// beginning does not match what begins with `$`.
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let (mut filter, mut topic) = (filter.split('/'), topic.split('/'));
    loop {
        match (filter.next(), topic.next()) {
            // `a/#` matches `a` as well.
            (Some("#"), _) | (None, None) => return true,
            (Some(wanted), Some(level)) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
}
