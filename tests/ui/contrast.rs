//! The colors of the tokens can be told apart: in light, dark, and both with high contrast, live
//! and stale.

use std::collections::HashMap;

use wasm_bindgen_test::wasm_bindgen_test;

const TOKENS: &str = include_str!("../../style/tokens.css");
const GROUNDS: [&str; 5] = ["canvas", "sunken", "surface", "hover", "attention-surface"];
const STATUSES: [&str; 5] = ["unclaimed", "up-next", "in-progress", "completed", "merged"];

/// Lightness, chroma and hue (degrees) of OKLCH.
type Colour = [f64; 3];

/// Palette: token to color.
type Palette = HashMap<String, Colour>;

/// Returns the light and the dark palette of the tokens that are declared in `css`, with their
/// chroma multiplied by `chroma`.
fn palettes(css: &str, chroma: f64) -> [Palette; 2] {
    let mut palettes = [Palette::new(), Palette::new()];
    for line in css.lines() {
        let Some((name, value)) = line
            .trim()
            .strip_prefix("--")
            .and_then(|line| line.split_once(": light-dark("))
        else {
            continue;
        };
        for (palette, colour) in palettes.iter_mut().zip(value.split("oklch(").skip(1)) {
            let numbers: String = colour
                .chars()
                .map(|letter| {
                    if letter.is_ascii_digit() || letter == '.' {
                        letter
                    } else {
                        ' '
                    }
                })
                .collect();
            let numbers: Vec<f64> = numbers
                .split_whitespace()
                .map(|number| number.parse().unwrap())
                .collect();
            let left = if colour.contains("--chroma") {
                chroma
            } else {
                1.0
            };
            palette.insert(
                name.to_owned(),
                [numbers[0] / 100.0, numbers[1] * left, numbers[2]],
            );
        }
    }
    palettes
}

/// Returns every palette that a person may see, with its name.
fn every_palette() -> Vec<(String, Palette)> {
    let (normal, high) = TOKENS
        .split_once("@media (prefers-contrast: more)")
        .unwrap();
    let mut all = Vec::new();
    for (contrast, css) in [("normal", normal), ("high", high)] {
        for (freshness, chroma) in [("live", 1.0), ("stale", 0.3)] {
            for (theme, palette) in ["light", "dark"].iter().zip(palettes(css, chroma)) {
                all.push((
                    format!("{theme}, {contrast} contrast, {freshness}"),
                    palette,
                ));
            }
        }
    }
    all
}

/// Returns the relative luminance of WCAG 2.2, by way of linear sRGB
/// <https://bottosson.github.io/posts/oklab/>.
fn luminance([lightness, chroma, hue]: Colour) -> f64 {
    let (sin, cos) = hue.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
    let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn assert_contrast(least: f64, name: &str, palette: &Palette, ink: &str, ground: &str) {
    let found = contrast(palette[ink], palette[ground]);
    assert!(
        found >= least,
        "{name}: {ink} on {ground} has {found:.2}:1, less than {least}:1"
    );
}

#[wasm_bindgen_test]
fn titles_text_and_lines_can_be_read_on_every_ground() {
    for (name, palette) in every_palette() {
        for ground in GROUNDS {
            assert_contrast(7.0, &name, &palette, "text", ground);
            assert_contrast(4.5, &name, &palette, "muted", ground);
            assert_contrast(3.0, &name, &palette, "line-strong", ground);
            assert_contrast(3.0, &name, &palette, "accent", ground);
            for colour in STATUSES.iter().chain(&["danger", "attention"]) {
                assert_contrast(4.5, &name, &palette, colour, ground);
            }
        }
        assert_contrast(4.5, &name, &palette, "on-accent", "accent");
    }
}

#[wasm_bindgen_test]
fn no_status_is_louder_than_another() {
    for (name, palette) in every_palette() {
        let lightness = palette[STATUSES[0]][0];
        for status in STATUSES {
            assert!(
                (palette[status][0] - lightness).abs() < f64::EPSILON,
                "{name}: {status}"
            );
        }
    }
}

#[wasm_bindgen_test]
fn forced_colors_keep_the_states_that_backgrounds_show() {
    for (what, style) in [
        (
            ".agent-dot",
            include_str!("../../style/components/task_card.css"),
        ),
        (
            ".task-card[data-held]",
            include_str!("../../style/components/task_card.css"),
        ),
        (
            ".view-link[aria-current]",
            include_str!("../../style/components/top_bar.css"),
        ),
    ] {
        let forced = style.split("(forced-colors: active)").nth(1);
        assert!(forced.is_some_and(|rules| rules.contains(what)), "{what}");
    }
}
