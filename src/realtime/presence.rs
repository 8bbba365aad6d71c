//! Who is there: customers to their agents, agents to everybody.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::json;

use super::{Realtime, rooms::Room};
use crate::types::ConversationToken;

// A page that is left for the next one comes back within this time.
const GRACE: Duration = Duration::from_secs(5);

impl Realtime {
    /// Tells the agents of a conversation, on all servers, whether its customer is there, and which page they look at.
    pub(super) async fn tell_presence(&self, token: &ConversationToken, online: bool, page: Option<(&str, &str)>) {
        let payload = match page {
            Some((path, title)) => json!({ "session_id": token, "online": online, "path": path, "title": title }),
            None => json!({ "session_id": token, "online": online }),
        };
        let _ = self.0.io.to(format!("a:{token}")).emit("presence", &payload).await;
    }

    /// The customer's last socket on this server is gone. If they are at no other server after a moment either, the agents are told.
    pub(super) fn watch_absence(&self, room: Arc<Room>) {
        let realtime = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = realtime.0.closing.cancelled() => return,
                () = tokio::time::sleep(GRACE) => {}
            }
            let elsewhere = realtime.0.io.to(format!("p:{}", room.token)).fetch_sockets().await;
            if elsewhere.is_ok_and(|sockets| sockets.is_empty()) {
                realtime.tell_presence(&room.token, false, None).await;
            }
        });
    }

    /// Notes in the database who is there on this server.
    pub(super) async fn note_presence(&self) {
        let chat = &self.0.app.chat;
        let agents = self.0.people.at_desks();
        if !agents.is_empty()
            && let Err(error) = chat.touch_agents(&agents).await
        {
            tracing::warn!(%error, "agents who are there could not be noted");
        }
        let mut conversations = Vec::new();
        for room in self.0.rooms.all() {
            if room.inside.lock().await.has_customer() {
                conversations.push(room.id);
            }
        }
        if !conversations.is_empty()
            && let Err(error) = chat.customers_seen(&conversations).await
        {
            tracing::warn!(%error, "customers who are there could not be noted");
        }
    }

    /// Tells everybody on this server when the first agent comes or the last one goes.
    pub(super) async fn tell_availability(&self) {
        let Ok(availability) = self.0.app.chat.availability().await else { return };
        let available = availability.is_answered;
        if self.0.somebody_there.swap(available, Ordering::AcqRel) != available {
            let _ = self.0.io.local().emit("support_presence", &json!({ "available": available })).await;
        }
    }
}
