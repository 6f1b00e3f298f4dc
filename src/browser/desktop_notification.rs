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

/// Notification that is shown. It is withdrawn when this value is dropped.
#[derive(Debug)]
pub struct DesktopNotification {
    shown: JsValue,
    /// Callback of a click, which the browser calls for as long as the notification is there.
    _on_click: Closure<dyn FnMut()>,
}

impl DesktopNotification {
    /// Shows a notification, and calls `chosen` when a person clicks on it. One with the same
    /// `tag`, also of another page, is replaced and not shown twice. Returns none if the browser
    /// shows none.
    pub fn show(title: &str, body: &str, tag: &str, chosen: impl Fn() + 'static) -> Option<Self> {
        let options = Object::new();
        for (name, value) in [("body", body), ("tag", tag)] {
            // An object takes any property.
            let _ = Reflect::set(&options, &name.into(), &value.into());
        }
        let arguments = [JsValue::from_str(title), options.into()]
            .into_iter()
            .collect();
        let shown = Reflect::construct(&constructor()?, &arguments).ok()?;
        let on_click = Closure::new(move || {
            // Brings the page to the front. A browser may refuse.
            let _ = window().focus();
            chosen();
        });
        let _ = Reflect::set(&shown, &"onclick".into(), on_click.as_ref());
        Some(Self {
            shown,
            _on_click: on_click,
        })
    }
}

impl Drop for DesktopNotification {
    fn drop(&mut self) {
        let close = Reflect::get(&self.shown, &"close".into()).ok();
        if let Some(Ok(close)) = close.map(JsCast::dyn_into::<Function>) {
            // It may be closed already, which is no error.
            let _ = close.call0(&self.shown);
        }
    }
}
