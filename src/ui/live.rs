//! Changing parts and listeners of views. Those of one kind are of one type: the compiler generates
//! their code once, and not for every closure (a tenth of the first download).

use web_sys::MouseEvent;

/// Function whose result is a changing attribute, text or view.
pub type Live<T> = Box<dyn Fn() -> T + Send>;

/// Returns a changing part of a view.
pub fn live<T>(part: impl Fn() -> T + Send + 'static) -> Live<T> {
    Box::new(part)
}

/// Returns a listener of clicks.
pub fn clicked(act: impl FnMut(MouseEvent) + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(act)
}
