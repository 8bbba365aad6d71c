//! What a socket was allowed when it was opened may be gone: the database tells, and what is old is asked for again.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::Receiver;

use super::{
    Realtime,
    peer::Peer,
    refusal::{Code, Refusal},
};
use crate::{
    domain::{
        accounts::{self, Owner},
        chat::Speaker,
    },
    infra::{metrics::METRICS, notices::Notice},
    types::{UserId, VisitorId},
};

// A right that was proven within this time counts as proven; while nothing is heard of changes, it is asked for each time.
const FRESH: Duration = Duration::from_secs(2);
const AT_ONCE: usize = 4;

impl Realtime {
    /// Hears of changes of rights for as long as the sockets are open.
    pub(super) async fn follow_rights(self, mut notices: Receiver<Notice>) {
        while let Some(notice) = notices.recv().await {
            let peers = match notice {
                Notice::Regained => self.0.people.all(),
                Notice::Payload(payload) => self.sockets_of(&payload),
            };
            // Beside the next notice: a slow answer for one person keeps nobody else's waiting.
            tokio::spawn(self.clone().check_all(peers));
        }
    }

    /// Asks again for everybody who is signed in: a sign-in also ends by its age, of which nobody tells.
    pub(super) async fn check_all(self, peers: Vec<Arc<Peer>>) {
        stream::iter(peers).for_each_concurrent(AT_ONCE, async |peer| self.check(&peer).await).await;
    }

    fn sockets_of(&self, payload: &str) -> Vec<Arc<Peer>> {
        let visitor = payload.strip_prefix('v').and_then(|id| id.parse().ok());
        if let Some(visitor) = visitor {
            // Their conversation belongs to an account now: they come back as who they are.
            let peers = self.0.people.of(Owner::Visitor(VisitorId(visitor)));
            peers.iter().for_each(|peer| self.sign_out(peer));
            return Vec::new();
        }
        payload.parse().map(|user| self.0.people.of(Owner::Customer(UserId(user)))).unwrap_or_default()
    }

    async fn check(&self, peer: &Arc<Peer>) {
        for _ in 0..3 {
            match self.prove(peer).await {
                Ok(_) => return,
                Err(refusal) if refusal.code == Code::SignedOut => return,
                // Whether the right is gone cannot be said now; nothing new is said either while the database is away.
                Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            }
        }
        self.sign_out(peer);
    }

    /// Who speaks, with a right that holds now.
    ///
    /// # Errors
    /// `signed_out`, and the socket is closed; or the database is away.
    pub(super) async fn speaker(&self, peer: &Arc<Peer>) -> Result<Speaker, Refusal> {
        match peer.speaker_within(FRESH).filter(|_| self.0.rights.is_now()) {
            Some(speaker) => Ok(speaker),
            None => self.prove(peer).await,
        }
    }

    async fn prove(&self, peer: &Arc<Peer>) -> Result<Speaker, Refusal> {
        let Some(session) = peer.handshake.session else { return Ok(peer.handshake.speaker.clone()) };
        let customer = accounts::live_customer(&self.0.app.db, session).await?;
        let same = customer.filter(|customer| customer.user().roles == peer.handshake.roles);
        let Some(customer) = same else {
            self.sign_out(peer);
            return Err(Code::SignedOut.into());
        };
        let speaker = Speaker::customer(&customer);
        peer.proven(speaker.clone());
        Ok(speaker)
    }

    fn sign_out(&self, peer: &Arc<Peer>) {
        METRICS.count_chat("closed", Code::SignedOut.id());
        peer.close(&Code::SignedOut.into());
        let (realtime, peer) = (self.clone(), peer.clone());
        tokio::spawn(async move { realtime.leave_rooms(&peer).await });
    }
}
