//! The browser's locks, by which pages of one address know which of them exist.
//!
//! The browser grants a lock to one page at a time, and takes it back when that page is gone,
//! however it ended; a page that is only frozen keeps it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

/// Lock that is requested or held, until this is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// Function that releases it, once it is held.
    release: Rc<RefCell<Option<Function>>>,
    abort: AbortController,
    _granted: Closure<dyn FnMut(JsValue) -> Promise>,
}

impl Lock {
    /// Requests a lock, and calls `granted` when it is held. Returns `None` if the browser has no
    /// locks: on pages that are not served securely.
    pub(super) fn request(name: &str, granted: impl FnOnce() + 'static) -> Option<Self> {
        let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
        let request = Reflect::get(&locks, &"request".into()).ok()?;
        let request = request.dyn_into::<Function>().ok()?;
        let abort = AbortController::new().ok()?;
        let options = Object::new();
        Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
        let release = Rc::new(RefCell::new(None));
        let (held, mut granted) = (Rc::clone(&release), Some(granted));
        let callback = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
            // It is held until this promise is resolved.
            let until = Promise::new(&mut |resolve, _| {
                held.replace(Some(resolve));
            });
            if let Some(granted) = granted.take() {
                granted();
            }
            until
        });
        let asked = request
            .call3(&locks, &name.into(), &options, callback.as_ref())
            .ok()?;
        let asked = asked.dyn_into::<Promise>().ok()?;
        // It fails if the lock is dropped before it was granted, which needs no handling.
        spawn_local(async move { drop(JsFuture::from(asked).await) });
        Some(Self {
            release,
            abort,
            _granted: callback,
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        match self.release.take() {
            Some(release) => drop(release.call0(&JsValue::UNDEFINED)),
            None => self.abort.abort(),
        }
    }
}
