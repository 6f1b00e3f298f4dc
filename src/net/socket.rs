//! One browser WebSocket, through gloo-net: frames and the close come out in order, text goes in.
//!
//! gloo-net 0.7 neither shows that a socket is open, nor returns `bufferedAmount` or takes a close
//! code on a half of a split socket; for those three the browser's object is kept beside it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::future::{AbortHandle, abortable, poll_fn};
use futures_util::stream::SplitSink;
use futures_util::{FutureExt, Sink, SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message as Frame, WebSocketError};
use tasktree_protocol::session::Input;

type Outgoing = Rc<RefCell<Option<SplitSink<WebSocket, Frame>>>>;

/// Close code of a connection that ended without one.
const ABNORMAL: u16 = 1006;

/// Open or opening socket. Dropping it closes it and ends its task.
pub(super) struct Socket {
    generation: u64,
    browser: web_sys::WebSocket,
    /// Sink for text, once the socket is open.
    outgoing: Outgoing,
    task: AbortHandle,
}

impl Socket {
    /// Opens a socket. All its events go to `input`, in order, and none after the close.
    ///
    /// # Errors
    /// The browser's reason for refusing the address.
    pub(super) fn open(
        url: &str,
        generation: u64,
        input: impl Fn(Input) + 'static,
    ) -> Result<Self, String> {
        let browser = web_sys::WebSocket::new(url).map_err(|error| format!("{error:?}"))?;
        let mut socket = WebSocket::try_from(browser.clone()).map_err(|error| error.to_string())?;
        let outgoing = Outgoing::default();
        let (events, task) = abortable({
            let (browser, outgoing) = (browser.clone(), Rc::clone(&outgoing));
            async move {
                // The sink is ready as soon as the socket is no longer connecting.
                let _ = poll_fn(|context| Pin::new(&mut socket).poll_ready(context)).await;
                let (sink, mut frames) = socket.split();
                if browser.ready_state() == web_sys::WebSocket::OPEN {
                    outgoing.replace(Some(sink));
                    input(Input::SocketOpened { generation });
                }
                let mut closed = (ABNORMAL, String::new());
                while let Some(event) = frames.next().await {
                    match event {
                        Ok(Frame::Text(text)) => input(Input::Frame { generation, text }),
                        Ok(Frame::Bytes(_)) => input(Input::BinaryFrame { generation }),
                        Err(WebSocketError::ConnectionClose(close)) => {
                            closed = (close.code, close.reason);
                        }
                        // An error is always followed by the close, which contains more.
                        Err(_) => {}
                    }
                }
                let (code, reason) = closed;
                input(Input::SocketClosed {
                    generation,
                    code,
                    reason,
                });
            }
        });
        wasm_bindgen_futures::spawn_local(events.map(drop));
        Ok(Self {
            generation,
            browser,
            outgoing,
            task,
        })
    }

    /// Returns the number by which the session identifies this socket.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the number of bytes that were accepted and not sent yet.
    pub(super) fn buffered_bytes(&self) -> u64 {
        self.browser.buffered_amount().into()
    }

    /// Sends a text frame. On a socket that has closed meanwhile it is lost; the session receives
    /// the close next.
    pub(super) fn send(&self, text: String) {
        if let Some(sink) = self.outgoing.borrow_mut().as_mut() {
            // The browser accepts a frame at once, so this is done after one poll.
            let _ = sink.send(Frame::Text(text)).now_or_never();
        }
    }

    /// Closes the socket with a code, and stops listening to it.
    pub(super) fn close(self, code: u16, reason: &str) {
        if self
            .browser
            .close_with_code_and_reason(code, reason)
            .is_err()
        {
            // Browsers accept 1000 and 3000-4999 only; dropping closes without a code.
            leptos::logging::debug_warn!("the browser refuses close code {code}");
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The halves keep each other alive: the task must end so that gloo-net closes the socket
        // and removes its listeners.
        self.task.abort();
        let _ = self.browser.close();
    }
}
