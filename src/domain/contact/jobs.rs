//! Background jobs: the mails about messages and calls. Ids, not snapshots.

use serde::{Deserialize, Serialize};

use crate::{
    infra::jobs::Job,
    types::{CallBackId, ContactMessageId},
};

/// Sends a message to the shop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendMessage {
    /// Which one.
    pub message_id: ContactMessageId,
}

/// Sends its writer a copy. A job of its own: an address that does not exist must not keep the message from the shop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendMessageCopy {
    /// Which one.
    pub message_id: ContactMessageId,
}

/// Tells the shop whom to call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendCallBack {
    /// Which call.
    pub call_back_id: CallBackId,
}

/// Tells the person when the call comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConfirmCallBack {
    /// Which call.
    pub call_back_id: CallBackId,
}

/// Deletes what nobody will ask for any more. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ForgetOldContacts {}

impl Job for ForgetOldContacts {
    const NAME: &'static str = "contact.forget_old";
    const MAX_ATTEMPTS: i16 = 3;
}

impl Job for SendMessage {
    const NAME: &'static str = "contact.send_message";
}

impl Job for SendMessageCopy {
    const NAME: &'static str = "contact.send_message_copy";
}

impl Job for SendCallBack {
    const NAME: &'static str = "contact.send_call_back";
}

impl Job for ConfirmCallBack {
    const NAME: &'static str = "contact.confirm_call_back";
}
