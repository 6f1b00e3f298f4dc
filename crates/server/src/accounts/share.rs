//! A bounded number of things with owners: no owner can take the share of others.

use std::collections::HashMap;

/// Maximum number of things.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// Maximum for one owner.
    pub(super) per_owner: usize,
    /// Maximum for all owners together.
    pub(super) in_all: usize,
}

/// One of the things held.
pub(super) struct Held<'a, Key> {
    pub(super) key: Key,
    pub(super) owner: &'a str,
    /// Order of creation; rises with each new one.
    pub(super) order: u64,
}

impl Share {
    /// Returns the one that has to go.
    ///
    /// That is the oldest of an owner with too many, or else, if there are too many in all, the
    /// oldest of the owner with the most.
    pub(super) fn surplus<'a, Key: Copy>(
        self,
        held: impl Iterator<Item = Held<'a, Key>>,
    ) -> Option<Key> {
        let mut owners: HashMap<&str, (usize, u64, Key)> = HashMap::new();
        let mut total = 0;
        for Held { key, owner, order } in held {
            total += 1;
            let (count, oldest, first) = owners.entry(owner).or_insert((0, order, key));
            *count += 1;
            if order < *oldest {
                (*oldest, *first) = (order, key);
            }
        }
        let (count, _, key) = owners.into_values().max_by_key(|(count, ..)| *count)?;
        (count > self.per_owner || total > self.in_all).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surplus(share: Share, held: &[(u64, &str)]) -> Option<u64> {
        share.surplus(held.iter().map(|(order, owner)| Held {
            key: *order,
            owner,
            order: *order,
        }))
    }

    #[test]
    fn whoever_has_too_many_loses_the_oldest_and_others_lose_nothing() {
        let share = Share {
            per_owner: 2,
            in_all: 4,
        };
        assert_eq!(surplus(share, &[]), None);
        assert_eq!(surplus(share, &[(1, "ann"), (3, "bob"), (2, "bob")]), None);
        let bob_has_too_many = [(1, "ann"), (3, "bob"), (2, "bob"), (4, "bob")];
        assert_eq!(surplus(share, &bob_has_too_many), Some(2));
        let too_many_in_all = [(1, "ann"), (2, "cy"), (3, "di"), (4, "bob"), (5, "bob")];
        assert_eq!(surplus(share, &too_many_in_all), Some(4));
    }
}
