//! Execution of the outputs of a session.

use gloo_timers::callback::Timeout;
use leptos::prelude::Set;
use tasktree_protocol::frame::board_socket;
use tasktree_protocol::session::{Input, Output};

use super::Link;
use crate::api;
use crate::browser::clock::now_ms;
use crate::net::socket::Socket;

/// Longest delay of a browser's timer; a longer one would fire at once.
const LONGEST_TIMER_MS: i64 = i32::MAX as i64;

impl Link {
    /// Executes an output.
    pub(super) fn execute(&self, output: Output) {
        match output {
            Output::Connect { generation } => self.connect(generation),
            Output::Send { generation, text } => {
                if let Some(socket) = self
                    .socket
                    .borrow()
                    .as_ref()
                    .filter(|socket| socket.generation() == generation)
                {
                    socket.send(text);
                }
            }
            Output::CloseSocket {
                generation,
                code,
                reason,
            } => {
                let socket = self.socket.take();
                if let Some(socket) = socket {
                    if socket.generation() == generation {
                        socket.close(code, &reason);
                    } else {
                        self.socket.replace(Some(socket));
                    }
                }
            }
            Output::Poll {
                request,
                stream,
                after,
            } => {
                let report = self.reporter();
                wasm_bindgen_futures::spawn_local(async move {
                    let answer = api::poll_events(&stream, after).await;
                    report(Input::Polled {
                        stream,
                        request,
                        answer,
                    });
                });
            }
            Output::Post { id, project, body } => {
                let report = self.reporter();
                wasm_bindgen_futures::spawn_local(async move {
                    let answer = api::post_command(&project, body).await;
                    report(Input::Posted { id, answer });
                });
            }
            Output::SetDeadline { at_ms } => {
                let timer = at_ms.map(|at_ms| {
                    let delay = (at_ms - now_ms()).clamp(0, LONGEST_TIMER_MS);
                    let report = self.reporter();
                    Timeout::new(u32::try_from(delay).unwrap_or(0), move || {
                        report(Input::Tick);
                    })
                });
                self.deadline.replace(timer);
            }
            Output::Deliver(message) => {
                self.subscribers.notify(&message);
                self.signals.last_message.set(Some(*message));
            }
            Output::NeedSnapshot { stream, reason } => {
                for watcher in self.watchers_of(&stream) {
                    (watcher.need_snapshot)(reason.clone());
                }
            }
            Output::Missed { stream } => {
                for watcher in self.watchers_of(&stream) {
                    (watcher.missed)();
                }
            }
            Output::StreamRefused { stream, error } => {
                for watcher in self.watchers_of(&stream) {
                    (watcher.refused)(error.clone());
                }
            }
            Output::CommandDone { id, result } => {
                let answer = self.answers.borrow_mut().remove(&id);
                if let Some(answer) = answer {
                    // The receiver is gone: the command took effect all the same.
                    let _ = answer.send(result);
                }
            }
            Output::StateChanged(state) => self.signals.state.set(state),
            Output::Diagnostic(text) => leptos::logging::debug_log!("connection: {text}"),
        }
    }

    fn connect(&self, generation: u64) {
        let socket = Socket::open(&board_socket(&self.url), generation, self.reporter());
        let former = match socket {
            Ok(socket) => self.socket.replace(Some(socket)),
            Err(reason) => {
                self.inputs.borrow_mut().push_back(Input::SocketClosed {
                    generation,
                    code: 1006,
                    reason,
                });
                self.socket.take()
            }
        };
        drop(former);
    }
}
