//! Who may do what: a list, and a page a person whose changes are confirmed before they are made.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::page_of;
use crate::{
    domain::accounts::{self, Person, Role, RolesError},
    infra::database::Db,
    request::{Actor, AdministratorActor, AppError},
    types::{Page, UserId},
    views::{
        layout::{Flash, Frame},
        pagination::Pagination,
    },
    web::{
        PageFrame, flash,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

const PEOPLE: &str = "/admin/people";
const LONGEST_SEARCH: usize = 100;
/// A role that can be given, with what it means.
const CHOICES: [(Role, &str); 4] = [
    (Role::Agent, "Answers customers in the chat."),
    (Role::Lead, "An agent who also sees the figures and writes the prepared answers."),
    (Role::Staff, "Runs catalogue, stock and orders, and writes the prepared answers."),
    (Role::Administrator, "May do everything, and gives rights to others."),
];

#[derive(Template)]
#[template(path = "admin/people.html")]
struct PeoplePage {
    frame: Frame,
    people: Vec<Person>,
    links: Pagination,
    /// How many there are, in words.
    note: String,
    search: String,
}

#[derive(Template)]
#[template(path = "admin/person.html")]
struct PersonPage {
    frame: Frame,
    person: Person,
    choices: Vec<Choice>,
    errors: FieldErrors,
}

#[derive(Template)]
#[template(path = "admin/confirm_roles.html")]
struct ConfirmPage {
    frame: Frame,
    person: Person,
    wanted: Vec<Role>,
    granted: String,
    revoked: String,
    is_me: bool,
}

/// A role's checkbox.
struct Choice {
    id: &'static str,
    name: &'static str,
    meaning: &'static str,
    is_checked: bool,
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PeopleQuery {
    search: String,
    page: Option<String>,
}

/// What was ticked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RolesForm {
    agent: String,
    lead: String,
    staff: String,
    administrator: String,
    confirmed: String,
}

impl RolesForm {
    fn wanted(&self) -> Vec<Role> {
        let ticked = |role: &Role| match role {
            Role::Agent => !self.agent.is_empty(),
            Role::Lead => !self.lead.is_empty(),
            Role::Staff => !self.staff.is_empty(),
            Role::Administrator => !self.administrator.is_empty(),
            Role::Customer => false,
        };
        Role::ALL.into_iter().filter(ticked).collect()
    }
}

/// `GET /admin/people`: the shop's people, or whoever a search finds.
pub async fn list(
    db: Db,
    AdministratorActor(administrator): AdministratorActor,
    PageFrame(frame): PageFrame,
    Query(query): Query<PeopleQuery>,
) -> Result<Response, AppError> {
    let page = page_of(query.page.as_deref())?;
    let search: String =
        query.search.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST_SEARCH).collect();
    let found = accounts::people(&db, &administrator, &search, search.is_empty(), page).await?;
    if found.items.is_empty() && page != Page::FIRST {
        return Err(AppError::not_found());
    }
    let links = Pagination::new(page.get(), found.pages(), |page| address(&search, page));
    let count = frame.locale.count(found.total);
    let note = if search.is_empty() { format!("{count} with rights") } else { format!("{count} found") };
    Ok(html(StatusCode::OK, &PeoplePage { frame, people: found.items, links, note, search }))
}

/// `GET /admin/people/{id}`.
pub async fn show(
    db: Db,
    AdministratorActor(administrator): AdministratorActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let person = accounts::person(&db, &administrator, user_id(&id)?).await?;
    let choices = choices(&person.roles);
    Ok(html(StatusCode::OK, &PersonPage { frame, person, choices, errors: FieldErrors::default() }))
}

/// `POST /admin/people/{id}`: shows what would change; once that is confirmed, changes it.
pub async fn save(
    db: Db,
    actor: Actor,
    AdministratorActor(administrator): AdministratorActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
    Form(form): Form<RolesForm>,
) -> Result<Response, AppError> {
    let (id, wanted) = (user_id(&id)?, form.wanted());
    let person = accounts::person(&db, &administrator, id).await?;
    let granted = names(wanted.iter().filter(|role| !person.has(role)));
    let revoked = names(CHOICES.iter().map(|(role, _)| role).filter(|role| person.has(role) && !wanted.contains(role)));
    if granted.is_empty() && revoked.is_empty() {
        return Ok(done(&actor, &format!("{} may do what they could before.", person.name())));
    }
    if form.confirmed.is_empty() {
        let is_me = person.id == administrator.customer().id();
        return Ok(html(StatusCode::OK, &ConfirmPage { frame, person, wanted, granted, revoked, is_me }));
    }
    match accounts::set_roles(&db, &administrator, id, &wanted).await {
        Ok(changed) => Ok(done(&actor, &format!("The roles of {} are changed.", changed.username))),
        Err(RolesError::LastAdministrator) => {
            let mut errors = FieldErrors::default();
            errors
                .add("administrator", "Nobody else could give rights then: make somebody else an administrator first");
            let choices = choices(&wanted);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &PersonPage { frame, person, choices, errors }))
        }
        Err(other) => Err(other.into()),
    }
}

fn choices(roles: &[Role]) -> Vec<Choice> {
    let choice = |(role, meaning): (Role, &'static str)| Choice {
        id: role.id(),
        name: name(&role),
        meaning,
        is_checked: roles.contains(&role),
    };
    CHOICES.into_iter().map(choice).collect()
}

fn done(actor: &Actor, text: &str) -> Response {
    flash::leave(actor.cookies(), &Flash::good(text));
    redirect(PEOPLE)
}

fn names<'a>(roles: impl Iterator<Item = &'a Role>) -> String {
    roles.map(name).collect::<Vec<_>>().join(", ")
}

/// A role in a word.
pub const fn name(role: &Role) -> &'static str {
    match role {
        Role::Customer => "Customer",
        Role::Agent => "Agent",
        Role::Lead => "Lead",
        Role::Staff => "Staff",
        Role::Administrator => "Administrator",
    }
}

const fn badge_kind(role: &Role) -> &'static str {
    if matches!(role, Role::Customer) { "" } else { "accent" }
}

fn address(search: &str, page: u32) -> String {
    let search = (!search.is_empty()).then(|| ("search", search.to_owned()));
    let page = (page > 1).then(|| ("page", page.to_string()));
    let query =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(search.into_iter().chain(page)).finish();
    if query.is_empty() { PEOPLE.to_owned() } else { format!("{PEOPLE}?{query}") }
}

fn user_id(text: &str) -> Result<UserId, RolesError> {
    text.parse().map(UserId).map_err(|_| RolesError::Unknown)
}
