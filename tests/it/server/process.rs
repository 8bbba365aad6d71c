//! The program itself: what it says when it cannot start, what it leaves in its logs, how it ends.

use std::{
    collections::HashMap,
    fs,
    net::TcpListener,
    os::unix::net::UnixDatagram,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use ecommerce::{
    domain::accounts::{self, Registration, Role, System},
    infra::passwords::PasswordHasher,
    types::Password,
};
use serde_json::Value;

use crate::support::{TestDb, shop};

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn ecommerce(variables: &HashMap<String, String>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecommerce"));
    command.args(arguments).env_clear().envs(variables).stdin(Stdio::null());
    command
}

fn variables(database: &TestDb) -> HashMap<String, String> {
    let redis = std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL: run deployment/test.sh");
    let mut all = shop::defaults(database);
    all.insert("REDIS_URL".into(), redis);
    all.insert("SECRET_KEY".into(), KEY.into());
    all
}

fn with(variables: &HashMap<String, String>, changes: &[(&str, &str)]) -> HashMap<String, String> {
    let mut all = variables.clone();
    all.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    all
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

// The one line that a person reads; what the log says in JSON besides is for machines.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "one line: {text}");
    text
}

#[tokio::test]
async fn a_setting_that_is_missing_is_named_in_one_line() {
    let output = ecommerce(&HashMap::new(), &["serve"]).output().unwrap();
    assert!(complaint(&output).starts_with("ecommerce: DATABASE_URL: is not set"), "{output:?}");
}

#[tokio::test]
async fn a_schema_older_than_the_release_is_one_line() {
    let database = TestDb::new().await;
    let statement = "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    sqlx::query(statement).execute(&database.owner).await.unwrap();
    let output = ecommerce(&variables(&database), &["serve"]).output().unwrap();
    assert!(complaint(&output).contains("run `ecommerce migrate`"), "{output:?}");
}

#[tokio::test]
async fn a_database_that_refuses_is_one_line_without_its_password() {
    let database = TestDb::new().await;
    let url = database.url().replace("ecommerce_user@", "nobody_we_know:hunter2@");
    let output = ecommerce(&with(&variables(&database), &[("DATABASE_URL", &url)]), &["serve"]).output().unwrap();
    let line = complaint(&output);
    assert!(line.contains("PostgreSQL at ") && line.contains("cannot be used"), "{line}");
    assert!(!format!("{output:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_port_in_use_is_one_line() {
    let database = TestDb::new().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = ecommerce(&with(&variables(&database), &[("PORT", &port)]), &["serve"]).output().unwrap();
    let line = complaint(&output);
    assert!(line.starts_with("ecommerce: PORT: ") && line.contains(&port), "{line}");
}

#[tokio::test]
async fn production_refuses_demo_accounts_guessable_keys_and_passwords_in_the_clear() {
    let database = TestDb::new().await;
    let built = tempfile::tempdir().unwrap();
    fs::write(built.path().join("manifest.json"), "{}").unwrap();
    let static_dir = built.path().to_str().unwrap();
    let production = with(
        &variables(&database),
        &[("APP_ENV", "production"), ("PUBLIC_URL", "https://shop.test"), ("STATIC_DIR", static_dir)],
    );
    let refused =
        |changes: &[(&str, &str)]| complaint(&ecommerce(&with(&production, changes), &["serve"]).output().unwrap());
    assert!(refused(&[("SECRET_KEY", &"ab".repeat(40))]).contains("SECRET_KEY"));
    assert!(refused(&[("PUBLIC_URL", "http://shop.test")]).contains("PUBLIC_URL"));
    assert!(refused(&[("STATIC_DIR", "/nowhere")]).contains("STATIC_DIR"));

    let demo = Registration {
        username: "john_doe".parse().unwrap(),
        email: "john@fernhill.example".parse().unwrap(),
        password: Password::given("password123".into()),
        full_name: String::new(),
        phone: None,
        address: None,
    };
    let hasher = PasswordHasher::new(1).unwrap();
    accounts::put_account(&database, &hasher, &System::acting(), demo, &[Role::Customer]).await.unwrap();
    assert!(refused(&[]).contains("demo accounts"));
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let (database, folder) = (TestDb::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("password");
    fs::write(&file, "correct horse battery\n").unwrap();
    let create = |name: &str, email: &str| {
        let arguments = ["admin", "create", "--username", name, "--email", email, "--password-file"];
        ecommerce(&variables(&database), &arguments).arg(&file).output().unwrap()
    };
    assert!(create("boss", "boss@example.com").status.success());
    assert!(complaint(&create("Boss", "other@example.com")).contains("named Boss already"));
    assert!(complaint(&create("other", "Boss@example.com")).contains("already"));
    let roles: Vec<String> =
        sqlx::query_scalar("SELECT role FROM user_roles ORDER BY role").fetch_all(&database.owner).await.unwrap();
    assert_eq!(roles, ["administrator", "customer"]);
}

#[tokio::test]
async fn a_server_answers_keeps_secrets_out_of_its_logs_and_ends_in_peace() {
    let (database, logs) = (TestDb::new().await, tempfile::tempdir().unwrap());
    let port = free_port();
    let changes = [
        ("PORT", port.to_string()),
        ("METRICS_PORT", free_port().to_string()),
        ("LOG_DIR", logs.path().display().to_string()),
        ("SHUTDOWN_LINGER_SECONDS", "1".to_owned()),
        ("RUST_LOG", "debug".to_owned()),
    ];
    let changes: Vec<(&str, &str)> = changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let out = fs::File::create(logs.path().join("out")).unwrap();
    let systemd = UnixDatagram::bind(logs.path().join("notify")).unwrap();
    let mut command = ecommerce(&with(&variables(&database), &changes), &["serve"]);
    command.env("NOTIFY_SOCKET", logs.path().join("notify")).env("WATCHDOG_USEC", "1000000");
    let mut server = command.stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();

    let base = format!("http://127.0.0.1:{port}");
    ecommerce::infra::tls::use_ring();
    let client = reqwest::Client::new();
    let started = Instant::now();
    while client.get(format!("{base}/readyz")).send().await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", all_logs(logs.path()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let body = serde_json::json!({"username": "ada", "password": "a-secret-password"});
    let id = "0123456789abcdef0123456789abcdef";
    let sent = client.post(format!("{base}/auth/login?token=a-secret-token")).header("x-request-id", id).json(&body);
    assert_eq!(sent.send().await.unwrap().status(), 401);
    drop(client);

    let told = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(told.success());
    let ended = tokio::task::spawn_blocking(move || server.wait().unwrap()).await.unwrap();
    assert_eq!(ended.code(), Some(0), "{}", all_logs(logs.path()));

    let told: Vec<String> = std::iter::from_fn(|| next_word(&systemd)).collect();
    for word in ["READY=1", "WATCHDOG=1", "STOPPING=1"] {
        assert!(told.iter().any(|message| message.contains(word)), "systemd hears {word}: {told:?}");
    }
    let text = all_logs(logs.path());
    for secret in ["a-secret-password", "a-secret-token", KEY] {
        assert!(!text.contains(secret), "{secret} is in the logs");
    }
    let access = fs::read_to_string(logs.path().join("server1-access.log")).unwrap();
    let lines: Vec<Value> = access.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["request_id"] == id).expect("the request has its line");
    assert_eq!((&line["path"], &line["status"]), (&"/auth/login".into(), &401.into()));
}

// What the process said to systemd; after its end nothing more comes.
fn next_word(systemd: &UnixDatagram) -> Option<String> {
    systemd.set_nonblocking(true).unwrap();
    let mut buffer = [0; 500];
    let length = systemd.recv(&mut buffer).ok()?;
    Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

fn all_logs(dir: &Path) -> String {
    // The socket beside the logs cannot be read.
    fs::read_dir(dir).unwrap().filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok()).collect()
}
