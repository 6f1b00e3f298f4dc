//! The follower's WebSocket.

use std::net::SocketAddr;

use anyhow::Result;
use futures_util::StreamExt;
use tasktree_protocol::frame::board_socket;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

pub(super) type Socket = WebSocketStream<TcpStream>;

/// Opens a socket that speaks `board.v1`.
pub(super) async fn connect(address: SocketAddr) -> Result<Socket> {
    let url = board_socket(&format!("ws://{address}/ws/updates"));
    let tcp = TcpStream::connect(address).await?;
    let (socket, _) = client_async(url.into_client_request()?, tcp).await?;
    Ok(socket)
}

/// Returns the next message, or `None` if the socket has ended. Without a socket it waits forever.
pub(super) async fn next(socket: &mut Option<(u64, Socket)>) -> Option<Message> {
    match socket {
        Some((_, socket)) => socket.next().await?.ok(),
        None => std::future::pending().await,
    }
}
