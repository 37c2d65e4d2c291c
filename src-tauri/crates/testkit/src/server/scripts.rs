//! Scripts that many tests share.

use super::{Peer, What};
use std::io;

/// A good server: accepts, repeats each message, answers Pings and Close.
///
/// # Errors
/// When the client goes.
pub async fn echo(mut peer: Peer) -> io::Result<()> {
    peer.accept().await?;
    while let Some(what) = peer.message().await? {
        match what {
            What::Text(text) => peer.text(&text).await?,
            What::Binary(bytes) => peer.binary(&bytes).await?,
            What::Request(_)
            | What::Ping(_)
            | What::Pong(_)
            | What::Close(..)
            | What::End
            | What::NoTls
            | What::Left => {}
        }
    }
    Ok(())
}

/// Accepts, answers Pings and Close, and never says a word.
///
/// # Errors
/// When the client goes.
pub async fn listen(mut peer: Peer) -> io::Result<()> {
    peer.accept().await?;
    while peer.message().await?.is_some() {}
    Ok(())
}

/// Accepts the connection and never answers the handshake.
///
/// # Errors
/// None.
pub async fn never_upgrade(mut peer: Peer) -> io::Result<()> {
    peer.request().await?;
    peer.silence().await
}

/// Accepts, and then is a dead line: takes bytes and answers nothing.
///
/// # Errors
/// When the client goes.
pub async fn die_after_accept(mut peer: Peer) -> io::Result<()> {
    peer.accept().await?;
    peer.swallow().await
}
