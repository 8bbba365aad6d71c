//! A real SMTP server on a port of its own, that keeps what it is sent.

use std::{
    io,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use mailin_embedded::{Handler, Response, Server, SslConfig, response};

/// What arrived: sender, recipients and the mail as it went over the wire.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    pub from: String,
    pub to: Vec<String>,
    pub raw: String,
}

/// The server's memory.
#[derive(Clone, Default)]
pub struct Postbox(Arc<Mutex<Vec<Arrived>>>);

#[derive(Clone)]
struct Session {
    postbox: Postbox,
    current: Arrived,
    raw: Vec<u8>,
}

impl Postbox {
    /// Starts serving on a free port, which is returned.
    pub fn open() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let postbox = Self::default();
        postbox.serve(listener);
        (postbox, port)
    }

    /// Serves until the process ends.
    pub fn serve(&self, listener: TcpListener) {
        let mut server = Server::new(Session { postbox: self.clone(), current: Arrived::default(), raw: Vec::new() });
        server.with_name("postbox.example").with_ssl(SslConfig::None).unwrap();
        server.with_tcp_listener(listener);
        std::thread::spawn(move || server.serve().unwrap());
    }

    pub fn mails(&self) -> Vec<Arrived> {
        self.0.lock().unwrap().clone()
    }
}

impl Handler for Session {
    fn mail(&mut self, _: std::net::IpAddr, _: &str, from: &str) -> Response {
        self.current = Arrived { from: from.to_owned(), ..Arrived::default() };
        self.raw.clear();
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if to.starts_with("nobody@") {
            return response::NO_MAILBOX;
        }
        self.current.to.push(to.to_owned());
        response::OK
    }

    fn data(&mut self, buf: &[u8]) -> io::Result<()> {
        self.raw.extend_from_slice(buf);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.current.raw = String::from_utf8_lossy(&self.raw).into_owned();
        self.postbox.0.lock().unwrap().push(self.current.clone());
        response::OK
    }
}

/// A mail's text with the soft line breaks of quoted-printable taken out, and its no-break spaces as such.
pub fn readable(raw: &str) -> String {
    raw.replace("=\r\n", "").replace("=C2=A0", "\u{a0}").replace("=3D", "=")
}
