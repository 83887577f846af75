//! Bounds of layouts, as constants.

/// All of them, or none where one is without bound.
#[must_use]
pub const fn sum(mut lens: &[Option<usize>]) -> Option<usize> {
    let mut total = 0usize;
    while let [first, rest @ ..] = lens {
        match first {
            Some(len) => total = total.saturating_add(*len),
            None => return None,
        }
        lens = rest;
    }
    Some(total)
}

/// The shortest.
#[must_use]
pub const fn shortest(mut lens: &[usize]) -> usize {
    let mut least = match lens {
        [first, ..] => *first,
        [] => 0,
    };
    while let [first, rest @ ..] = lens {
        if *first < least {
            least = *first;
        }
        lens = rest;
    }
    least
}

/// The greatest.
#[must_use]
pub const fn most(mut counts: &[usize]) -> usize {
    let mut most = 0;
    while let [first, rest @ ..] = counts {
        if *first > most {
            most = *first;
        }
        counts = rest;
    }
    most
}

/// The longest, or none where one is without bound.
#[must_use]
pub const fn longest(mut lens: &[Option<usize>]) -> Option<usize> {
    let mut most = 0;
    while let [first, rest @ ..] = lens {
        match first {
            Some(len) => {
                if *len > most {
                    most = *len;
                }
            }
            None => return None,
        }
        lens = rest;
    }
    Some(most)
}

/// The length that all of them have.
#[must_use]
pub const fn common(lens: &[Option<usize>]) -> Option<usize> {
    let [Some(first), rest @ ..] = lens else { return None };
    let mut rest = rest;
    while let [next, others @ ..] = rest {
        match next {
            Some(len) if *len == *first => rest = others,
            _ => return None,
        }
    }
    Some(*first)
}

/// The bound of `count` such layouts.
#[must_use]
pub const fn times(len: Option<usize>, count: usize) -> Option<usize> {
    match len {
        Some(len) => Some(len.saturating_mul(count)),
        None => None,
    }
}

/// The bound where it is known.
#[must_use]
pub const fn or(len: Option<usize>, other: usize) -> usize {
    match len {
        Some(len) => len,
        None => other,
    }
}
