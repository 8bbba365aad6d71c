//! Mails about orders, as they arrive.

use ecommerce::domain::{
    accounts::Owner,
    checkout::{self, Placement},
    orders::{self, Viewer},
};

use super::{Running, eventually, jobs};
use crate::support::{
    TestDb,
    goods::{self, count},
    placing::{config, placement},
    postbox::{Postbox, readable},
    sales,
};

fn by_smtp(port: u16) -> ecommerce::config::Config {
    let port = port.to_string();
    config(&[
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", port.as_str()),
        ("EMAIL_TLS", "none"),
        ("PUBLIC_URL", "https://shop.example/"),
        ("SHOP_NAME", "Fernhill & Söhne"),
    ])
}

#[tokio::test]
async fn a_guests_confirmation_arrives_with_a_link_that_opens_the_order() {
    let test = TestDb::new().await;
    let (postbox, port) = Postbox::open();
    let config = by_smtp(port);
    let mug = goods::variant(&test.owner, "Mug <b>&</b>", 1080, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    goods::put_in_cart(&test.owner, owner, mug, 2).await;
    let order = checkout::place(&test, &config.shop, owner, placement()).await.unwrap().order;
    let running = Running::start(&test, &config);
    eventually("the mail", async || !postbox.mails().is_empty()).await;
    eventually("the end of the job", async || jobs(&test).await == 0).await;
    running.stop().await;
    let mails = postbox.mails();
    assert_eq!((mails.len(), mails[0].from.as_str()), (1, "shop@fernhill.example"));
    assert_eq!(mails[0].to, ["ada@example.com"]);
    let text = readable(&mails[0].raw);
    let number = order.number.as_str();
    for expected in [
        format!("Message-ID: <order-confirmation-{}@fernhill.example>", number.to_lowercase()),
        "Content-Type: multipart/alternative".to_owned(),
        "2 x Mug <b>&</b>".to_owned(),
        "Mug &#60;b&#62;&#38;&#60;/b&#62;".to_owned(),
        "Total: $26.50".to_owned(),
        "This includes $1.60 of tax.".to_owned(),
        "Credit card (paid)".to_owned(),
        format!("https://shop.example/orders/{number}?token="),
    ] {
        assert!(text.contains(&expected), "{expected} in\n{text}");
    }
    let token = text.split("?token=").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(checkout::is_order_link(&config.secret_key, number, token));
    assert!(!checkout::is_order_link(&config.secret_key, "0000-0000-0000", token));
}

#[tokio::test]
async fn a_customers_cancellation_says_what_becomes_of_the_money() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let config = config(&[("MAIL_DIR", folder.path().to_str().unwrap())]);
    let mug = goods::variant(&test.owner, "Mug", 1080, 5).await;
    let owner = Owner::Customer(goods::user(&test.owner, "ada").await);
    let id = sales::paid(&test, owner, mug, 1).await;
    let order = orders::cancel(&test, &Viewer::Owner(owner), id, None).await.unwrap();
    let running = Running::start(&test, &config);
    eventually("the end of the jobs", async || jobs(&test).await == 0).await;
    running.stop().await;
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let name = format!("order-cancellation-{}.eml", order.number.to_lowercase());
    assert_eq!(names, [name.as_str()], "the confirmation is not sent any more");
    let text = readable(&std::fs::read_to_string(folder.path().join(name)).unwrap());
    assert!(text.contains("$15.70 goes back to where it was paid from") && !text.contains("token="), "{text}");
}

#[tokio::test]
async fn a_mail_that_meets_no_server_leaves_once_there_is_one() {
    let test = TestDb::new().await;
    // Bound, so that nobody else gets the port, but not served yet: connections are refused only once it is dropped.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mug = goods::variant(&test.owner, "Mug", 1080, 5).await;
    sales::paid(&test, Owner::Visitor(goods::visitor(&test.owner).await), mug, 1).await;
    let running = Running::start(&test, &by_smtp(address.port()));
    let failed =
        "SELECT count(*) FROM graphile_worker.jobs WHERE attempts = 1 AND last_error LIKE '%could not be sent%'";
    eventually("the first try", async || count(&test.owner, failed).await == 1).await;
    let postbox = Postbox::default();
    postbox.serve(std::net::TcpListener::bind(address).unwrap());
    eventually("the second try", async || postbox.mails().len() == 1).await;
    eventually("the end of the job", async || jobs(&test).await == 0).await;
    running.stop().await;
    assert_eq!(postbox.mails().len(), 1);
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_given_up() {
    let test = TestDb::new().await;
    let (postbox, port) = Postbox::open();
    let config = by_smtp(port);
    let mug = goods::variant(&test.owner, "Mug", 1080, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    goods::put_in_cart(&test.owner, owner, mug, 1).await;
    let asked = Placement { contact_email: "nobody@example.com".parse().unwrap(), ..placement() };
    checkout::place(&test, &config.shop, owner, asked).await.unwrap();
    let running = Running::start(&test, &config);
    eventually("the end of the job", async || jobs(&test).await == 0).await;
    running.stop().await;
    assert!(postbox.mails().is_empty());
}

#[tokio::test]
async fn a_transaction_that_is_rolled_back_leaves_no_job() {
    let test = TestDb::new().await;
    let job = orders::jobs::SendConfirmation { order_id: ecommerce::types::OrderId(1) };
    let mut tx = test.begin().await.unwrap();
    ecommerce::infra::jobs::enqueue(&mut tx, &job, None).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(jobs(&test).await, 0);
    let mut tx = test.begin().await.unwrap();
    ecommerce::infra::jobs::enqueue(&mut tx, &job, Some("one")).await.unwrap();
    ecommerce::infra::jobs::enqueue(&mut tx, &job, Some("one")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(jobs(&test).await, 1);
}
