//! Median and percentiles.

/// Returns the value that the given share of a sorted list does not exceed, by nearest rank; zero
/// for an empty list.
pub(super) fn percentile<T: Copy + Default>(sorted: &[T], share: f64) -> T {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// Sorts times, shortest first.
pub(super) fn sorted(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times
}

/// Returns the median time; of two middle ones, the shorter.
pub(super) fn median(times: Vec<f64>) -> f64 {
    percentile(&sorted(times), 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let hundred: Vec<_> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 0.5), 50);
        assert_eq!(percentile(&hundred, 0.99), 99);
        assert_eq!(percentile(&hundred, 0.999), 100);
        assert_eq!(percentile(&hundred[..1], 0.99), 1);
        assert_eq!(percentile::<i32>(&[], 0.5), 0);
    }
}
