//! How each error of the domain looks from outside: its kind, its code, its words.

use super::{AppError, ErrorKind};
use crate::{
    domain::{
        accounts::{AccountError, AddressBookError, MOST_ADDRESSES, PasswordChangeError, RolesError, SignInError},
        cart::CartError,
        catalog::CatalogError,
        chat::{AnswerError, ChatError},
        orders::OrderError,
        wishlist::{MoveError, WishlistError},
    },
    infra::{database, passwords::HashingError},
    types::MoneyError,
};

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        let away = matches!(
            error,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_)
        );
        // Class 57: the server is shutting down or starting; 53: out of connections or memory; 55P03: a lock was not had in time.
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        let refused = code.is_some_and(|code| code.starts_with("57") || code.starts_with("53"));
        if away || refused || database::is_lock_timeout(&error) {
            Self::unavailable(error)
        } else {
            Self::internal(error)
        }
    }
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        Self::internal(error)
    }
}

impl From<MoneyError> for AppError {
    fn from(error: MoneyError) -> Self {
        Self::bad_request("amount_out_of_range", error.to_string())
    }
}

impl From<ChatError> for AppError {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Unknown => {
                Self::new(ErrorKind::NotFound, "unknown_conversation", "There is no such conversation.")
            }
            ChatError::Ended => Self::new(ErrorKind::Conflict, "conversation_ended", "This conversation has ended."),
            ChatError::ClientIdReused => {
                Self::new(ErrorKind::Conflict, "client_id_reused", "This client_id was used for another message.")
            }
            ChatError::UnknownThing => {
                Self::bad_request("unknown_thing", "What should be shown with the message is not there.")
            }
            ChatError::Text(error) => {
                Self::bad_request("bad_text", error.to_string()).with_fields([("message", error.to_string())])
            }
            ChatError::AgentsOnly => Self::new(ErrorKind::Forbidden, "agents_only", "Only support agents may do this."),
            ChatError::MailsStopped => Self::bad_request("mails_stopped", error.to_string()),
            ChatError::NotAnswered => Self::new(ErrorKind::Conflict, "not_answered", error.to_string()),
            ChatError::TooManyMails => Self::new(ErrorKind::TooMany, "too_many_mails", error.to_string()),
            ChatError::Database(error) => error.into(),
        }
    }
}

impl From<AnswerError> for AppError {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Unknown => Self::new(ErrorKind::NotFound, "unknown_answer", "There is no such answer."),
            AnswerError::Database(error) => error.into(),
            other => Self::bad_request("bad_answer", other.to_string()),
        }
    }
}

impl From<RolesError> for AppError {
    fn from(error: RolesError) -> Self {
        match error {
            RolesError::Unknown => Self::new(ErrorKind::NotFound, "unknown_person", "There is no such account."),
            RolesError::LastAdministrator => {
                Self::new(ErrorKind::Conflict, "last_administrator", "Somebody has to stay an administrator.")
            }
            RolesError::NoLonger => {
                Self::new(ErrorKind::Forbidden, "administrators_only", "Only administrators may do this.")
            }
            RolesError::Database(error) => error.into(),
        }
    }
}

impl From<CatalogError> for AppError {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::UnknownCategory => {
                Self::new(ErrorKind::NotFound, "unknown_category", "There is no such category.")
            }
            CatalogError::UnknownProduct => {
                Self::new(ErrorKind::NotFound, "unknown_product", "This product is not there.")
            }
            CatalogError::UnknownPicture => {
                let message = "There is no such picture in this shop's media store.";
                Self::bad_request("unknown_picture", message).with_fields([("image_url", message)])
            }
            CatalogError::StockOfOthers => {
                let message = "The product's other variants hold more than that.";
                Self::bad_request("stock_of_other_variants", message).with_fields([("stock_quantity", message)])
            }
            CatalogError::BadDraft(problem) => Self::bad_request("bad_product", problem),
            CatalogError::Database(error) => error.into(),
        }
    }
}

impl From<CartError> for AppError {
    fn from(error: CartError) -> Self {
        match error {
            CartError::UnknownItem => Self::new(ErrorKind::NotFound, "unknown_product", "This product is not there."),
            CartError::UnknownLine => Self::new(ErrorKind::NotFound, "unknown_line", "This line is not in your cart."),
            CartError::InsufficientStock { available, in_cart, name } => {
                let message = match (available, in_cart) {
                    (0, _) => format!("{name} is sold out."),
                    (left, 0) => format!("Only {left} of {name} left."),
                    (left, held) => format!("Only {left} of {name} left, and {held} in your cart already."),
                };
                Self::bad_request("insufficient_stock", message).with("available", available)
            }
            CartError::TooMany => Self::bad_request("too_many", "A cart holds at most 999 of one thing."),
            CartError::Full => Self::bad_request("cart_full", "A cart holds at most 100 different things."),
            CartError::TooManySaved => {
                Self::bad_request("too_many_saved", "At most 100 different things can be saved for later.")
            }
            CartError::Money(error) => error.into(),
            CartError::Database(error) => error.into(),
        }
    }
}

impl From<WishlistError> for AppError {
    fn from(error: WishlistError) -> Self {
        match error {
            WishlistError::UnknownProduct => {
                Self::new(ErrorKind::NotFound, "unknown_product", "This product is not there.")
            }
            WishlistError::AlreadyThere => Self::bad_request("already_there", "This is on your wishlist already."),
            WishlistError::Full => Self::bad_request("wishlist_full", "A wishlist holds at most 200 products."),
            WishlistError::Database(error) => error.into(),
        }
    }
}

impl From<MoveError> for AppError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::UnknownWish => Self::new(ErrorKind::NotFound, "unknown_wish", "This is not on your wishlist."),
            MoveError::NeedsChoice { .. } => {
                Self::bad_request("needs_choice", "Please choose one on the product's page.")
            }
            MoveError::Cart(error) => error.into(),
            MoveError::Wishlist(error) => error.into(),
            MoveError::Database(error) => error.into(),
        }
    }
}

impl From<AccountError> for AppError {
    fn from(error: AccountError) -> Self {
        let taken = |field: &'static str, message: &'static str| {
            Self::bad_request("already_taken", message).with_fields([(field, message)])
        };
        match error {
            AccountError::UsernameTaken => taken("username", "This user name is taken."),
            AccountError::EmailTaken => taken("email", "This email address is already in use."),
            AccountError::Hashing(error) => error.into(),
            AccountError::Database(error) => error.into(),
        }
    }
}

impl From<SignInError> for AppError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => {
                Self::new(ErrorKind::NotSignedIn, "wrong_credentials", "The name and password do not match.")
            }
            SignInError::Hashing(error) => error.into(),
            SignInError::Database(error) => error.into(),
        }
    }
}

impl From<AddressBookError> for AppError {
    fn from(error: AddressBookError) -> Self {
        match error {
            AddressBookError::Unknown => Self::new(ErrorKind::NotFound, "unknown_address", "There is no such address."),
            AddressBookError::Full => {
                Self::bad_request("address_book_full", format!("You can save up to {MOST_ADDRESSES} addresses."))
            }
            AddressBookError::Database(error) => error.into(),
        }
    }
}

impl From<PasswordChangeError> for AppError {
    fn from(error: PasswordChangeError) -> Self {
        match error {
            PasswordChangeError::Wrong => Self::bad_request("wrong_password", "This is not your current password."),
            PasswordChangeError::Unchanged => Self::bad_request("same_password", "This is the password you have now."),
            PasswordChangeError::SignedOut => Self::not_signed_in(),
            PasswordChangeError::Hashing(error) => error.into(),
            PasswordChangeError::Database(error) => error.into(),
        }
    }
}

impl From<OrderError> for AppError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Unknown => Self::new(ErrorKind::NotFound, "unknown_order", "There is no such order."),
            OrderError::NotCancellable(_) => {
                Self::new(ErrorKind::Conflict, "not_cancellable", "This order can no longer be cancelled.")
            }
            OrderError::Database(error) => error.into(),
        }
    }
}
