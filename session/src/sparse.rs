//! A queue that is nearly always empty.

use std::collections::VecDeque;

/// First in, first out; eight bytes while it is empty, because a process may hold a hundred thousand
/// sessions. Its memory goes back when the last item is taken.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "the empty queue must be eight bytes")]
pub(crate) struct Sparse<T>(Option<Box<VecDeque<T>>>);

impl<T> Sparse<T> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|items| items.is_empty())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |items| items.len())
    }

    pub(crate) fn push_back(&mut self, item: T) {
        self.0.get_or_insert_default().push_back(item);
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let items = self.0.as_mut()?;
        let item = items.pop_front();
        if items.is_empty() {
            self.0 = None;
        }
        item
    }

    /// Puts it behind those at the front of which `is_before` is true.
    pub(crate) fn insert_behind(&mut self, item: T, is_before: impl FnMut(&T) -> bool) {
        let items = self.0.get_or_insert_default();
        items.insert(items.partition_point(is_before), item);
    }

    pub(crate) fn back(&self) -> Option<&T> {
        self.0.as_ref()?.back()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.0.as_ref()?.get(index)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.as_mut()?.get_mut(index)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter().flat_map(|items| items.iter())
    }

    pub(crate) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.0.iter_mut().flat_map(|items| items.iter_mut())
    }

    /// Keeps what `test` accepts.
    pub(crate) fn retain(&mut self, test: impl FnMut(&T) -> bool) {
        if let Some(items) = &mut self.0 {
            items.retain(test);
            if items.is_empty() {
                self.0 = None;
            }
        }
    }

    /// Takes the first out that `test` accepts.
    pub(crate) fn remove_first(&mut self, test: impl FnMut(&T) -> bool) -> Option<T> {
        let items = self.0.as_mut()?;
        let item = items.remove(items.iter().position(test)?);
        if items.is_empty() {
            self.0 = None;
        }
        item
    }

    /// All of it, and nothing is left.
    pub(crate) fn take(&mut self) -> VecDeque<T> {
        self.0.take().map_or_else(VecDeque::new, |items| *items)
    }

    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for Sparse<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push_back(item));
    }
}

impl<T> FromIterator<T> for Sparse<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut sparse = Self::new();
        sparse.extend(items);
        sparse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_eight_bytes_and_gives_its_memory_back() {
        assert_eq!(size_of::<Sparse<[u8; 100]>>(), size_of::<usize>());
        let mut queue = Sparse::from_iter([1, 2]);
        assert_eq!((queue.len(), queue.back(), queue.get(0)), (2, Some(&2), Some(&1)));
        assert_eq!(
            (queue.pop_front(), queue.pop_front(), queue.pop_front()),
            (Some(1), Some(2), None)
        );
        assert!(queue.0.is_none());
        queue.extend([3, 4, 5]);
        queue.retain(|item| item % 2 == 0);
        assert_eq!(queue.iter().collect::<Vec<_>>(), [&4]);
        queue.insert_behind(9, |item| *item < 9);
        queue.insert_behind(7, |item| *item < 7);
        assert_eq!(queue.iter().collect::<Vec<_>>(), [&4, &7, &9]);
        assert_eq!((queue.remove_first(|item| *item > 5), queue.len()), (Some(7), 2));
        assert_eq!((queue.remove_first(|item| *item > 5), queue.len()), (Some(9), 1));
        assert_eq!(queue.remove_first(|item| *item > 5), None);
        assert_eq!(queue.take(), [4]);
        assert!(queue.is_empty() && queue.0.is_none());
    }
}
