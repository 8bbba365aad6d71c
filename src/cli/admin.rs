//! `ecommerce admin create`: the first account of the staff. Its password is asked for, never given as an argument, where every user
//! of the machine could read it.

use std::{
    io::{self, BufRead, IsTerminal},
    path::PathBuf,
    process::{Command as Program, Stdio},
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::{output, start};
use crate::{
    config::Config,
    domain::accounts::{self, AccountError, Registration, Role, System},
    infra::passwords::PasswordHasher,
    types::{Email, Password, Username},
};

/// What can be done about accounts of the staff.
#[derive(Subcommand)]
pub enum Command {
    /// Makes an administrator. The password is asked for, or read from the standard input or a file.
    Create(NewAdmin),
}

/// A new administrator.
#[derive(Args)]
pub struct NewAdmin {
    /// The name to sign in with.
    #[arg(long)]
    username: Username,
    /// Where mail goes.
    #[arg(long)]
    email: Email,
    /// A file whose first line is the password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Runs one of them.
///
/// # Errors
/// The name or the mail address is taken, the password is too weak, or the database does not answer.
pub async fn run(config: &Config, Command::Create(new): Command) -> anyhow::Result<()> {
    let password = Password::chosen(read_password(&new)?).context("the password cannot be used")?;
    let db = start::database(config).await?;
    let hasher = PasswordHasher::new(1)?;
    let (name, email) = (new.username.as_str().to_owned(), new.email.as_str().to_owned());
    let registration = Registration {
        username: new.username,
        email: new.email,
        password,
        full_name: String::new(),
        phone: None,
        address: None,
    };
    let roles = [Role::Customer, Role::Administrator];
    match accounts::create(&db, &hasher, &System::acting(), registration, &roles).await {
        Ok(_) => output::line(format!("{name} is an administrator now and can sign in.")),
        Err(AccountError::UsernameTaken) => bail!("there is an account named {name} already; nothing was changed"),
        Err(AccountError::EmailTaken) => bail!("there is an account with {email} already; nothing was changed"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn read_password(new: &NewAdmin) -> anyhow::Result<String> {
    if let Some(file) = &new.password_file {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    if !io::stdin().is_terminal() {
        return first_line();
    }
    let (password, again) = {
        let _hidden = Hidden::start();
        output::ask("Password: ");
        let password = first_line()?;
        output::ask("\nOnce more: ");
        let again = first_line()?;
        output::ask("\n");
        (password, again)
    };
    if password != again {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(password)
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("no password could be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

// The terminal shows nothing of what is typed until this is dropped. Where there is no stty, it is shown.
struct Hidden;

impl Hidden {
    fn start() -> Self {
        echo("-echo");
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        echo("echo");
    }
}

fn echo(setting: &str) {
    let _ = Program::new("stty").arg(setting).stdin(Stdio::inherit()).stdout(Stdio::null()).status();
}
