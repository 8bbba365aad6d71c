//! Orders and products in a message: looked up when it is sent, and shown as they were then.

use super::{Chat, ChatError, sql, types::*};
use crate::{
    domain::{
        catalog,
        orders::{self, OrderError, Viewer},
    },
    types::ConversationToken,
};

impl Chat {
    /// What a request for a card comes to in this conversation: `None` without one, `Some(None)` where there is nothing of that name.
    /// An order must be the customer's, whoever sends it.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], for a conversation that is none of theirs; the database failed.
    pub async fn card_for(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        request: Option<&CardRequest>,
    ) -> Result<Option<Option<Card>>, ChatError> {
        let Some(request) = request else { return Ok(None) };
        let found = sql::by_token(self.db.primary(), token).await?.ok_or(ChatError::Unknown)?;
        speaker.side_of(found.owner).ok_or(ChatError::Unknown)?;
        self.card(found.owner, request).await.map(Some)
    }

    /// The card of an owner's order or of a product; `None` where there is nothing of that name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn card(
        &self,
        owner: crate::domain::accounts::Owner,
        request: &CardRequest,
    ) -> Result<Option<Card>, ChatError> {
        match request {
            CardRequest::Order(number) => match orders::by_number(&self.db, &Viewer::Owner(owner), number).await {
                Ok(order) => Ok(Some(Card::Order {
                    number: order.number,
                    status: order.status.name().to_owned(),
                    total: self.plan.locale.money(order.total),
                })),
                Err(OrderError::Unknown | OrderError::NotCancellable(_)) => Ok(None),
                Err(OrderError::Database(error)) => Err(error.into()),
            },
            CardRequest::Product(slug) => Ok(self.product_card(slug).await?),
        }
    }

    /// The card of a product, for whoever has no conversation yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn product_card(&self, slug: &str) -> Result<Option<Card>, sqlx::Error> {
        let Some(product) = catalog::by_slug(&self.db, slug).await? else { return Ok(None) };
        let variant = product.variants.iter().find(|variant| variant.is_default).or(product.variants.first());
        Ok(variant.map(|variant| Card::Product {
            price: self.plan.locale.money(variant.price),
            picture: product.pictures.first().map(|picture| picture.stem.clone()),
            slug: product.slug.clone(),
            name: product.name.clone(),
        }))
    }
}

impl Card {
    /// Whether this is what was asked for, however the number was typed.
    #[must_use]
    pub fn is_of(&self, request: &CardRequest) -> bool {
        let plain =
            |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        match (self, request) {
            (Self::Order { number, .. }, CardRequest::Order(asked)) => plain(number) == plain(asked),
            (Self::Product { slug, .. }, CardRequest::Product(asked)) => slug == asked,
            _ => false,
        }
    }
}
