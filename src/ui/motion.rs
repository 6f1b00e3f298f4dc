//! Short slides for elements that moved, with the browser's own animations; none for people who
//! prefer reduced motion.

use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::Element;

use super::pixels;

/// Duration of a slide, in milliseconds.
pub const SLIDE_MS: f64 = 150.0;

/// Returns true if the system asks for reduced motion.
pub fn prefers_reduced_motion() -> bool {
    window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

/// Slides `element` to its position from one `dx` and `dy` pixels away.
pub fn slide_from(element: &Element, dx: f64, dy: f64) -> Option<Animation> {
    if prefers_reduced_motion() || (dx.abs() < 1.0 && dy.abs() < 1.0) {
        return None;
    }
    let frames = Array::of2(
        &frame(
            "transform",
            &format!("translate({}, {})", pixels(dx), pixels(dy)),
        ),
        &frame("transform", "translate(0, 0)"),
    );
    animate(element, &frames, SLIDE_MS)
}

/// Running animation.
#[derive(Clone, Debug)]
pub struct Animation(JsValue);

impl Animation {
    /// Calls `done` when the animation has finished.
    pub fn on_finish(&self, done: impl FnOnce() + 'static) {
        let _ = Reflect::set(&self.0, &"onfinish".into(), &Closure::once_into_js(done));
    }
}

/// Calls `Element.animate`, which web-sys has among its unstable interfaces only.
fn animate(element: &Element, frames: &Array, milliseconds: f64) -> Option<Animation> {
    let animate: Function = Reflect::get(element, &"animate".into())
        .ok()?
        .dyn_into()
        .ok()?;
    animate
        .call2(element, frames, &milliseconds.into())
        .ok()
        .map(Animation)
}

fn frame(property: &str, value: &str) -> Object {
    let frame = Object::new();
    for (name, value) in [(property, value), ("easing", "ease-out")] {
        // Setting a property of a fresh, extensible object does not fail.
        let _ = Reflect::set(&frame, &name.into(), &value.into());
    }
    frame
}
