//! A TCP connection to the first address that answers: Happy Eyeballs (RFC 8305).

use crate::narrow::words;
use domain::Reason;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use socket2::{SockRef, TcpKeepalive};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// The most addresses that are tried; no honest name has more that differ in any way.
const MAX_ADDRESSES: usize = 16;

/// When the system begins to probe a silent line. Our Pings are sooner; this is for servers that answer none.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// How the system repeats its probes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Connects to the first address that answers.
pub(super) async fn connect(
    addresses: Vec<SocketAddr>,
    stagger: Duration,
) -> Result<(TcpStream, SocketAddr), Reason> {
    race(interleave(addresses), stagger, open).await
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // A line without these works too.
    let _ = stream.set_nodelay(true);
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE_INTERVAL);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
    Ok(stream)
}

/// RFC 8305 §4: the families take turns, in the resolver's order within each.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut turns = Vec::new();
    loop {
        let before = turns.len();
        turns.extend(first.next());
        turns.extend(second.next());
        if turns.len() == before || turns.len() >= MAX_ADDRESSES {
            return turns;
        }
    }
}

/// Starts one after the other, each when the last has failed or `stagger` has passed, and takes the first that answers.
async fn race<T, F: Future<Output = io::Result<T>>>(
    addresses: Vec<SocketAddr>,
    stagger: Duration,
    open: impl Fn(SocketAddr) -> F,
) -> Result<(T, SocketAddr), Reason> {
    let mut waiting = addresses.into_iter().peekable();
    let mut racing = FuturesUnordered::new();
    let mut fault = None;
    loop {
        if let Some(address) = waiting.next() {
            let opening = open(address);
            racing.push(async move { (address, opening.await) });
        }
        if racing.is_empty() {
            return Err(fault.unwrap_or(Reason::Unreachable {
                address: String::new(),
                text: "there is no address".to_owned(),
            }));
        }
        tokio::select! {
            biased;
            Some((address, result)) = racing.next() => match result {
                Ok(stream) => return Ok((stream, address)),
                Err(error) => fault = Some(worse(fault.take(), verdict(address, &error))),
            },
            () = sleep(stagger), if waiting.peek().is_some() => {}
        }
    }
}

fn verdict(address: SocketAddr, error: &io::Error) -> Reason {
    let address = address.to_string();
    if error.kind() == io::ErrorKind::ConnectionRefused {
        Reason::Refused { address }
    } else if matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted) {
        // Somebody is there, took us in and let us go again before we knew of it.
        Reason::Dropped { text: words(error) }
    } else {
        Reason::Unreachable { address, text: words(error) }
    }
}

/// Of two failures the one that says more: somebody who refuses is nearer than nobody.
fn worse(before: Option<Reason>, fault: Reason) -> Reason {
    match before {
        Some(before @ Reason::Refused { .. }) if matches!(fault, Reason::Unreachable { .. }) => before,
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::time::Instant;

    const STAGGER: Duration = Duration::from_millis(250);

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let mixed = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1", "1.0.0.2:1"]);
        let turns = addresses(&["[::1]:1", "1.0.0.1:1", "[::2]:1", "1.0.0.2:1", "[::3]:1"]);
        assert_eq!(interleave(mixed), turns);
    }

    #[tokio::test(start_paused = true)]
    async fn a_black_hole_delays_the_next_address_by_the_stagger_only() {
        let start = Instant::now();
        let all = addresses(&["[::1]:1", "1.0.0.1:1"]);
        let open =
            |address: SocketAddr| async move { if address.is_ipv6() { pending().await } else { Ok(()) } };
        let ((), address) = race(all, STAGGER, open).await.unwrap();
        assert!(address.is_ipv4());
        assert_eq!(start.elapsed(), STAGGER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_starts_the_next_address_at_once() {
        let start = Instant::now();
        let all = addresses(&["[::1]:1", "1.0.0.1:1"]);
        let open = |address: SocketAddr| async move {
            if address.is_ipv6() { Err(io::ErrorKind::ConnectionRefused.into()) } else { Ok(()) }
        };
        race(all, STAGGER, open).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn an_early_one_still_wins_after_the_next_has_started() {
        let all = addresses(&["[::1]:1", "1.0.0.1:1"]);
        let open = |address: SocketAddr| async move {
            let wait = if address.is_ipv6() { STAGGER * 2 } else { STAGGER * 4 };
            sleep(wait).await;
            Ok(())
        };
        let ((), address) = race(all, STAGGER, open).await.unwrap();
        assert!(address.is_ipv6());
    }

    #[test]
    fn who_lets_go_at_once_is_not_called_out_of_reach() {
        let fault = verdict("1.0.0.1:1".parse().unwrap(), &io::ErrorKind::ConnectionReset.into());
        assert!(matches!(fault, Reason::Dropped { .. }), "{fault:?}");
        let fault = verdict("1.0.0.1:1".parse().unwrap(), &io::ErrorKind::NetworkUnreachable.into());
        assert!(matches!(fault, Reason::Unreachable { .. }), "{fault:?}");
    }

    #[tokio::test]
    async fn the_telling_failure_is_kept() {
        let all = addresses(&["1.0.0.1:1", "[::1]:1"]);
        let open = |address: SocketAddr| async move {
            let kind = if address.is_ipv4() {
                io::ErrorKind::ConnectionRefused
            } else {
                io::ErrorKind::NetworkUnreachable
            };
            Err::<(), _>(kind.into())
        };
        assert_eq!(
            race(all, STAGGER, open).await.unwrap_err(),
            Reason::Refused { address: "1.0.0.1:1".to_owned() }
        );
    }
}
