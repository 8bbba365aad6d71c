//! The contact page, calls asked for, and help, as a browser without JavaScript sees them.

use sqlx::PgPool;

use super::{HOSTILE, is_clean, walk::register};
use crate::support::{Answer, Browser, TestShop, goods::count};

const FORM: [(&str, &str); 6] = [
    ("name", "Ada Lovelace"),
    ("email", "ada@example.com"),
    ("topic", "order"),
    ("order_number", ""),
    ("message", "Where is my mug?"),
    ("copy", "1"),
];
const MESSAGES: &str = "SELECT count(*) FROM contact_messages";
const CALLS: &str = "SELECT count(*) FROM call_back_requests";

/// A form as it stands on the page, with some fields filled in and then changed.
fn filled<'a>(
    page: &'a Answer,
    base: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("token", page.between("name=\"token\" value=\"", "\"")), ("homepage", "")];
    fields.extend_from_slice(base);
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value,
            None => fields.push((name, value)),
        }
    }
    fields
}

async fn write(browser: &mut Browser, changes: &[(&str, &str)]) -> Answer {
    let page = browser.get("/contact").await;
    browser.post("/contact", &filled(&page, &FORM, changes)).await
}

async fn jobs(owner: &PgPool) -> i64 {
    count(owner, "SELECT count(*) FROM graphile_worker.jobs").await
}

/// A shop that is always open, so that there is a time for a call whenever the test runs.
async fn open_shop(per_slot: u16) -> (TestShop, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours: String = days.iter().map(|day| format!("{day} = ['00:00-24:00']\n")).collect();
    let text = format!(
        "email = 'desk@shop.example'\naddress = ['Shop & <b>Sons</b>', '1 Lane']\n[phone]\nnumber = '+4930123456'\nshown = '030 123 456'\n\
         [hours]\n{hours}[call_back]\nslot_minutes = 60\ndays_ahead = 3\nper_slot = {per_slot}\nnotice_minutes = 0\n"
    );
    std::fs::write(folder.path().join("shop.toml"), text).unwrap();
    let shop = TestShop::with(&[
        ("SHOP_DIR", folder.path().to_str().unwrap()),
        ("SHOP_TIME_ZONE", "Europe/Berlin"),
        ("SHOP_LOCALE", "en-GB"),
    ])
    .await;
    (shop, folder)
}

fn slots(page: &Answer) -> Vec<String> {
    page.body.split("name=\"slot\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn call_form(slot: &str) -> [(&str, &str); 5] {
    [("name", "Ada"), ("phone", "+1 555 0100"), ("email", ""), ("topic", "product"), ("slot", slot)]
}

#[tokio::test]
async fn a_message_is_thanked_with_its_reference_and_enqueued_once() {
    let shop = TestShop::new().await;
    let owner = &shop.database.owner;
    let mut browser = shop.browser();
    let page = browser.get("/contact").await;
    for expected in
        ["href=\"tel:+12025550143\"", "href=\"mailto:hello@fernhill.example\"", "12 Mill Lane", "/contact/call-back"]
    {
        assert!(page.body.contains(expected), "{expected}");
    }
    let fields = filled(&page, &FORM, &[]);
    let first = browser.post("/contact", &fields).await;
    let thanks = browser.get(first.location()).await;
    let reference: String =
        sqlx::query_scalar("SELECT reference FROM contact_messages").fetch_one(owner).await.unwrap();
    assert!(thanks.body.contains(&reference) && thanks.body.contains("Thank you for writing"), "{}", thanks.body);
    let second = browser.post("/contact", &fields).await;
    assert_eq!(second.location(), first.location(), "a second submit of the same form");
    assert_eq!((count(owner, MESSAGES).await, jobs(owner).await), (1, 2));
    let without_copy: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != "copy").collect();
    browser.post("/contact", &without_copy).await;
    assert_eq!((count(owner, MESSAGES).await, jobs(owner).await), (2, 3));
}

#[tokio::test]
async fn bad_fields_are_named_and_what_was_typed_stays() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let long = "x".repeat(100_000);
    for (field, value) in [
        ("name", ""),
        ("name", "Ada\r\nBcc: victim@example.com"),
        ("name", "Ada\0"),
        ("name", long.as_str()),
        ("email", "nobody"),
        ("email", "ada@example.com\r\nBcc: victim@example.com"),
        ("topic", "spam"),
        ("topic", ""),
        ("order_number", long.as_str()),
        ("order_number", "\u{202e}1234"),
        ("message", " \r\n "),
        ("message", "a\u{1b}[31m"),
        ("message", long.as_str()),
    ] {
        let answer = write(&mut browser, &[("message", "Keep me, please."), (field, value)]).await;
        assert_eq!(answer.status, 422, "{field}={value:.20}");
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field}={value:.20}");
        let kept = if field == "message" { "value=\"Ada Lovelace\"" } else { "Keep me, please." };
        assert!(answer.body.contains(kept), "{field}={value:.20}");
    }
    let answer = write(&mut browser, &[("message", &long)]).await;
    assert!(answer.body.contains("These are 100000") && answer.body.contains(&long), "nothing typed is lost");
    let huge = "x".repeat(1_100_000);
    assert_eq!(write(&mut browser, &[("message", &huge)]).await.status, 413);
    assert_eq!(count(&shop.database.owner, MESSAGES).await, 0);
}

#[tokio::test]
async fn hostile_words_are_words() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let changes = [("name", HOSTILE), ("order_number", "<b>1</b>"), ("message", HOSTILE), ("email", "x")];
    let answer = write(&mut browser, &changes).await;
    assert!(answer.status == 422 && is_clean(&answer.body), "{}", answer.body);
    for path in [
        "/contact?topic=%3Cscript%3Ealert(1)&order=%3Cscript%3Ealert(1)",
        "/contact/thanks?message=%3Cscript%3Ealert(1)",
    ] {
        assert!(is_clean(&browser.get(path).await.body), "{path}");
    }
    let fine = write(&mut browser, &[("name", HOSTILE), ("message", HOSTILE)]).await;
    assert_eq!(fine.status, 303);
}

#[tokio::test]
async fn what_fills_in_the_hidden_field_gets_the_same_thanks_and_nothing_is_kept() {
    let (shop, _folder) = open_shop(1).await;
    let owner = &shop.database.owner;
    let mut browser = shop.browser();
    let answer = write(&mut browser, &[("homepage", "https://spam.example")]).await;
    assert_eq!(answer.status, 303);
    assert!(browser.get(answer.location()).await.body.contains("Thank you for writing"));
    let page = browser.get("/contact/call-back").await;
    let slot = slots(&page).remove(0);
    let fields = filled(&page, &call_form(&slot), &[("homepage", "x")]);
    let answer = browser.post("/contact/call-back", &fields).await;
    assert!(browser.get(answer.location()).await.body.contains("We will call you"));
    assert_eq!((count(owner, MESSAGES).await, count(owner, CALLS).await, jobs(owner).await), (0, 0, 0));
}

#[tokio::test]
async fn a_form_without_its_token_is_asked_again_with_a_new_one() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let answer = write(&mut browser, &[("token", "x")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("out of date") && answer.body.contains("Where is my mug?"), "{}", answer.body);
    let fields = filled(&answer, &FORM, &[]);
    assert_eq!(browser.post("/contact", &fields).await.status, 303);
}

#[tokio::test]
async fn beyond_the_limit_the_form_comes_back_with_what_was_written() {
    let shop = TestShop::with(&[("LIMIT_CONTACT", "2")]).await;
    let mut browser = shop.browser();
    browser.set_header("x-forwarded-for", "198.51.100.7");
    for _ in 0..2 {
        assert_eq!(write(&mut browser, &[]).await.status, 303);
    }
    let refused = write(&mut browser, &[("message", "A third one.")]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    assert!(
        refused.body.contains("A third one.") && refused.body.contains("a lot in a short time"),
        "{}",
        refused.body
    );
    assert_eq!(count(&shop.database.owner, MESSAGES).await, 2);
    browser.set_header("x-forwarded-for", "198.51.100.8");
    assert_eq!(write(&mut browser, &[]).await.status, 303, "another network");
}

#[tokio::test]
async fn who_is_signed_in_finds_the_form_filled_in_and_the_message_is_theirs() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let page = browser.get("/contact?order=7K2M-Q9XT-04HB").await;
    assert!(page.body.contains("value=\"ada@example.com\"") && page.body.contains("value=\"7K2M-Q9XT-04HB\""));
    assert!(page.body.contains("<option value=\"order\" selected>"));
    write(&mut browser, &[]).await;
    let theirs = "SELECT count(*) FROM contact_messages m JOIN users u ON u.id = m.user_id WHERE u.username = 'ada'";
    assert_eq!(count(&shop.database.owner, theirs).await, 1);
}

#[tokio::test]
async fn a_call_is_noted_and_its_time_said_in_the_shops_zone() {
    let (shop, _folder) = open_shop(1).await;
    let owner = &shop.database.owner;
    let mut browser = shop.browser();
    let page = browser.get("/contact/call-back").await;
    assert!(page.body.contains("Europe/Berlin"), "{}", page.body);
    let slot = slots(&page).remove(3);
    let fields = filled(&page, &call_form(&slot), &[("email", "ada@example.com")]);
    let answer = browser.post("/contact/call-back", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let statement = "SELECT to_char(starts_at AT TIME ZONE 'Europe/Berlin', $1) FROM call_back_requests";
    let thanks = browser.get(answer.location()).await;
    for format in ["FMDay FMDD FMMonth", "HH24:MI"] {
        let local: String = sqlx::query_scalar(statement).bind(format).fetch_one(owner).await.unwrap();
        assert!(thanks.body.contains(&format!(">{local}</strong>")), "{local}: {}", thanks.body);
    }
    assert_eq!((count(owner, CALLS).await, jobs(owner).await), (1, 2));
    assert_eq!(browser.post("/contact/call-back", &fields).await.location(), answer.location(), "sent twice");
    assert_eq!((count(owner, CALLS).await, jobs(owner).await), (1, 2));
}

#[tokio::test]
async fn the_second_for_the_last_place_is_asked_to_choose_again() {
    let (shop, _folder) = open_shop(1).await;
    let (mut ada, mut bob) = (shop.browser(), shop.browser());
    let (of_ada, of_bob) = (ada.get("/contact/call-back").await, bob.get("/contact/call-back").await);
    let slot = slots(&of_bob).remove(2);
    assert_eq!(ada.post("/contact/call-back", &filled(&of_ada, &call_form(&slot), &[])).await.status, 303);
    let refused = bob.post("/contact/call-back", &filled(&of_bob, &call_form(&slot), &[("name", "Bob")])).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Someone was quicker") && refused.body.contains("value=\"Bob\""), "{}", refused.body);
    let left = slots(&refused);
    assert!(!left.contains(&slot) && left.len() + 1 >= slots(&of_bob).len() - 1);
    let again = bob.post("/contact/call-back", &filled(&refused, &call_form(&left[2]), &[])).await;
    assert_eq!(again.status, 303);
}

#[tokio::test]
async fn times_and_fields_that_cannot_be_are_refused_at_their_place() {
    let (shop, _folder) = open_shop(1).await;
    let mut browser = shop.browser();
    let page = browser.get("/contact/call-back").await;
    let slot = slots(&page).remove(1);
    let between = (slot.parse::<i64>().unwrap() + 60).to_string();
    for (field, value) in [
        ("slot", ""),
        ("slot", "0"),
        ("slot", between.as_str()),
        ("slot", "99999999999"),
        ("slot", "9223372036854775807"),
        ("slot", "tomorrow"),
        ("slot", "-1"),
        ("name", ""),
        ("name", "Ada\nBcc: x@y.example"),
        ("phone", "call me"),
        ("phone", ""),
        ("email", "nobody"),
        ("topic", "spam"),
    ] {
        let answer = browser.post("/contact/call-back", &filled(&page, &call_form(&slot), &[(field, value)])).await;
        assert_eq!(answer.status, 422, "{field}={value}");
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field}={value}: {}", answer.body);
    }
    assert_eq!(count(&shop.database.owner, CALLS).await, 0);
}

#[tokio::test]
async fn a_shop_that_calls_nobody_offers_no_call() {
    let (shop, _folder) = open_shop(0).await;
    let mut browser = shop.browser();
    let contact = browser.get("/contact").await;
    assert!(!contact.body.contains("/contact/call-back") && contact.body.contains("030 123 456"));
    assert!(contact.body.contains("Open now") && !contact.body.contains("<b>Sons"), "{}", contact.body);
    assert!(browser.get("/contact/call-back").await.body.contains("No time is free right now"));
}

#[tokio::test]
async fn thanks_that_nobody_earned_lead_back_to_the_form() {
    let shop = TestShop::new().await;
    for query in [
        "",
        "?message=x",
        "?call=0000-0000-0000",
        "?call=0000-0000-0000&at=x",
        "?call=0000-0000-0000&at=9223372036854775807",
        "?call=0000-0000-0000&at=253402300799",
    ] {
        assert_eq!(shop.browser().get(&format!("/contact/thanks{query}")).await.location(), "/contact", "{query}");
    }
}

#[tokio::test]
async fn help_is_what_the_owner_wrote_and_never_their_markup() {
    let (shop, folder) = open_shop(1).await;
    let mut browser = shop.browser();
    let shipping = browser.get("/shipping").await;
    assert!(shipping.body.contains("$4.90, free from $50.00"), "{}", shipping.body);
    let text =
        "# Our *returns*\n\nSend it to {{contact_email}}. <script>alert(1)</script> [x](javascript:alert(1))\n\n# More";
    std::fs::write(folder.path().join("returns.md"), text).unwrap();
    let returns = browser.get("/returns/").await;
    assert!(
        returns.body.contains("<h1>Our returns</h1>") && returns.body.contains("<h2>More</h2>"),
        "{}",
        returns.body
    );
    assert!(returns.body.contains("Send it to desk@shop.example.") && is_clean(&returns.body));
    assert!(!returns.body.contains("javascript:") && returns.body.matches("<h1").count() == 1);
    assert!(returns.body.contains("<meta name=\"description\" content=\"Send it to desk@shop.example."));
    let index = browser.get("/help").await;
    for (path, title) in [
        ("/shipping", "Shipping"),
        ("/returns", "Our returns"),
        ("/privacy", "Privacy"),
        ("/terms", "Terms"),
        ("/about", "About us"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains(&format!("<title>{title} · Fernhill</title>")), "{path}");
        assert!(index.body.contains(&format!("href=\"{path}\"")) && index.body.contains(title), "{path}");
    }
    for path in ["/imprint", "/help/shipping", "/shipping.md", "/contact/thanks/x"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_page_says_how_the_shop_is_reached() {
    let (shop, _folder) = open_shop(1).await;
    for path in ["/", "/cart", "/a-path-nobody-has"] {
        let page = shop.browser().get(path).await;
        for expected in [
            "href=\"tel:+4930123456\"",
            "href=\"/contact\"",
            "href=\"/privacy\"",
            "href=\"/terms\"",
            "Mon–Sun",
            "All day",
        ] {
            assert!(page.body.contains(expected), "{expected} on {path}");
        }
    }
}
