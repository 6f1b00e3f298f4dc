//! The arithmetic of a windowed list: the rows to mount, and the scroll distance that keeps visible
//! rows in place.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// Number of rows mounted above and below the window, so that a short scroll shows no gap before
/// the next frame.
pub const OVERSCAN: usize = 4;

/// Returns the rows to mount of `count` rows, with `overscan` more rows on both sides. The window
/// is `view_height` pixels high and scrolled to `scroll_top`; a row has `row_height` pixels.
pub fn window(
    count: usize,
    scroll_top: f64,
    view_height: f64,
    row_height: f64,
    overscan: usize,
) -> Range<usize> {
    if count == 0 || row_height <= 0.0 {
        return 0..0;
    }
    let first = whole(scroll_top.max(0.0) / row_height).min(count - 1);
    let end = whole(((scroll_top.max(0.0) + view_height.max(0.0)) / row_height).ceil())
        .clamp(first + 1, count);
    first.saturating_sub(overscan)..(end + overscan).min(count)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and the callers clamp to the number of rows"
)]
fn whole(rows: f64) -> usize {
    rows as usize
}

/// Returns the number of rows by which those that were `visible` (row and key) have moved in
/// `items`. It is the median, so that one row that went far away does not take the window with it;
/// 0 if none of them is left.
pub fn scroll_shift<'a, K: Eq + Hash + 'a>(
    visible: impl Iterator<Item = &'a (usize, K)>,
    items: &[K],
) -> f64 {
    let visible: HashMap<&K, usize> = visible.map(|(row, key)| (key, *row)).collect();
    // During scrolling alone, every row stays in its position.
    if visible
        .iter()
        .all(|(key, row)| items.get(*row) == Some(key))
    {
        return 0.0;
    }
    let mut shifts: Vec<f64> = items
        .iter()
        .enumerate()
        .filter_map(|(row, key)| Some(difference(row, *visible.get(key)?)))
        .collect();
    shifts.sort_unstable_by(f64::total_cmp);
    shifts.get(shifts.len() / 2).copied().unwrap_or_default()
}

fn difference(row: usize, last: usize) -> f64 {
    let rows = |row: usize| f64::from(u32::try_from(row).unwrap_or(u32::MAX));
    rows(row) - rows(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn ten_thousand_rows_mount_a_screenful() {
        let rows = window(10_000, 500_000.0, 900.0, 100.0, 4);
        assert_eq!(rows, 4_996..5_013);
    }

    #[wasm_bindgen_test]
    fn a_window_never_reaches_beyond_the_rows() {
        for count in 0..30 {
            for top in [0.0, 1.0, 99.9, 100.0, 2_950.0, 1e9, -50.0] {
                let rows = window(count, top, 300.0, 100.0, 4);
                assert!(
                    rows.start <= rows.end && rows.end <= count,
                    "{count} {top} {rows:?}"
                );
                assert!(count == 0 || !rows.is_empty(), "{count} {top}");
            }
        }
    }

    #[wasm_bindgen_test]
    fn a_list_without_height_mounts_a_few_rows() {
        assert_eq!(window(10_000, 0.0, 0.0, 100.0, 4), 0..5);
    }

    #[wasm_bindgen_test]
    fn rows_inserted_above_move_the_window_by_as_many() {
        let items: Vec<u32> = (0..100).collect();
        let visible = [(7, 10_u32), (8, 11), (9, 12)];
        assert!((scroll_shift(visible.iter(), &items) - 3.0).abs() < f64::EPSILON);
    }

    #[wasm_bindgen_test]
    fn one_row_that_leaves_does_not_take_the_window_with_it() {
        let items = vec![12, 1, 2, 3, 10, 11, 13, 14];
        let visible = [(3, 10), (4, 11), (5, 12), (6, 13), (7, 14)];
        assert!(scroll_shift(visible.iter(), &items).abs() < 1.01);
        let gone = [(3, 99)];
        assert!(scroll_shift(gone.iter(), &items).abs() < f64::EPSILON);
    }
}
