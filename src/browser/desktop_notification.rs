//! Notifications of the desktop, shown by the browser while the page is in the background.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Permission to show notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Granted by the person.
    Granted,
    /// The person was not asked yet.
    Unasked,
    /// Refused by the person, or not supported by the browser.
    Refused,
}

/// Returns the constructor of notifications, if the browser has one.
///
/// It is used by reflection: bindings would be part of the script that every page loads first.
fn constructor() -> Option<Function> {
    let found = Reflect::get(&window(), &"Notification".into()).ok()?;
    found.dyn_into().ok()
}

/// Returns the permission of the page.
pub fn notification_permission() -> Permission {
    let permission = constructor()
        .and_then(|make| Reflect::get(&make, &"permission".into()).ok())
        .and_then(|permission| permission.as_string());
    match permission.as_deref() {
        Some("granted") => Permission::Granted,
        Some("default") => Permission::Unasked,
        _ => Permission::Refused,
    }
}

/// Asks the person for the permission. Browsers ask only after a click.
pub async fn ask_for_notifications() -> Permission {
    let asked = constructor().and_then(|make| {
        let ask = Reflect::get(&make, &"requestPermission".into()).ok()?;
        let ask: Function = ask.dyn_into().ok()?;
        ask.call0(&make).ok()?.dyn_into::<Promise>().ok()
    });
    if let Some(asked) = asked {
        // The permission says how it ended.
        let _ = JsFuture::from(asked).await;
    }
    notification_permission()
}

/// Shows a notification, and calls `chosen` when a person clicks on it. One with the same `tag`,
/// also of another page, is replaced and not shown twice.
pub fn show_notification(title: &str, body: &str, tag: &str, chosen: impl FnOnce() + 'static) {
    let options = Object::new();
    for (name, value) in [("body", body), ("tag", tag)] {
        // An object takes any property.
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let arguments = [JsValue::from_str(title), options.into()]
        .into_iter()
        .collect();
    let shown = constructor().and_then(|make| Reflect::construct(&make, &arguments).ok());
    if let Some(shown) = shown {
        let on_click = Closure::once_into_js(move || {
            // Brings the page to the front. A browser may refuse.
            let _ = window().focus();
            chosen();
        });
        let _ = Reflect::set(&shown, &"onclick".into(), &on_click);
    }
}
