//! TLS of outgoing connections: rustls with ring, as everywhere in this program.

use rustls::crypto::ring;

/// Makes ring what clients use that are built without a choice of their own (reqwest). Further calls change nothing.
pub fn use_ring() {
    // An error says that a provider is installed already.
    let _ = ring::default_provider().install_default();
}
