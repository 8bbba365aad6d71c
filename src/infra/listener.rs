//! The listening socket that closes first: once the process drains, what the kernel has queued is still accepted, then the socket is
//! dropped, so that Nginx' next connection is refused and goes to another server.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::shutdown::{Connections, OpenConnection, Phase};

/// Listens until its process drains.
#[derive(Debug)]
pub struct ClosingListener {
    socket: Socket,
    address: SocketAddr,
    phase: Phase,
    connections: Connections,
}

#[derive(Debug)]
enum Socket {
    Open(TcpListener),
    // Out of the runtime's hands, so that accepting asks the kernel itself and not what the runtime remembers of readiness.
    Draining(std::net::TcpListener),
    Closed,
}

/// A connection that is counted while it is open.
#[derive(Debug)]
pub struct CountedStream {
    stream: TcpStream,
    _open: OpenConnection,
}

impl ClosingListener {
    /// Listens at an address.
    ///
    /// # Errors
    /// The port is taken, or not ours to take.
    pub async fn bind(address: SocketAddr, phase: Phase) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket: Socket::Open(socket), address, phase, connections: Connections::default() })
    }

    /// Completes when the process drains and the socket is closed: nobody new can come.
    pub fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let connections = self.connections.clone();
        async move { connections.closed().await }
    }

    /// Completes when the process drains and its last connection is gone, or `linger` has passed since the socket was closed.
    pub fn drained(&self, linger: Duration) -> impl Future<Output = ()> + Send + use<> {
        let (phase, connections) = (self.phase.clone(), self.connections.clone());
        async move {
            phase.draining().await;
            if tokio::time::timeout(linger, connections.gone()).await.is_err() {
                tracing::info!(open = connections.count(), "connections are still open after SHUTDOWN_LINGER_SECONDS");
            }
        }
    }

    fn counted(&self, stream: TcpStream) -> CountedStream {
        // Answers are written whole: waiting for more to fill a packet only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        CountedStream { stream, _open: self.connections.open() }
    }

    // The next connection of the queue, or none if it is empty, after which the socket is closed.
    fn next_queued(&mut self) -> Option<(TcpStream, SocketAddr)> {
        if let Socket::Open(_) = self.socket {
            self.socket = match std::mem::replace(&mut self.socket, Socket::Closed) {
                Socket::Open(socket) => socket.into_std().map_or(Socket::Closed, Socket::Draining),
                other => other,
            };
        }
        while let Socket::Draining(socket) = &self.socket {
            match socket.accept().and_then(|(stream, from)| Ok((into_tokio(stream)?, from))) {
                Ok(accepted) => return Some(accepted),
                Err(error) if is_of_one_connection(&error) => {}
                Err(_) => self.socket = Socket::Closed,
            }
        }
        self.connections.close();
        None
    }
}

fn into_tokio(stream: std::net::TcpStream) -> io::Result<TcpStream> {
    stream.set_nonblocking(true)?;
    TcpStream::from_std(stream)
}

// Gone before it was accepted: the next one may be well.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::Interrupted
    )
}

impl Listener for ClosingListener {
    type Io = CountedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CountedStream, SocketAddr) {
        while let Socket::Open(socket) = &self.socket {
            let accepted = tokio::select! {
                biased;
                () = self.phase.draining() => break,
                accepted = socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => return (self.counted(stream), from),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Out of file descriptors, most likely: some come back as requests end.
                    tracing::error!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        match self.next_queued() {
            Some((stream, from)) => (self.counted(stream), from),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl AsyncRead for CountedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for CountedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
