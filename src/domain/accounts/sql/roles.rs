//! Queries on user_roles, for those who give rights.

use sqlx::PgExecutor;

use crate::{
    domain::accounts::{Role, roles::Person},
    infra::{database::Tx, metrics::timed},
    types::UserId,
};

struct Row {
    id: i64,
    username: String,
    full_name: String,
    email: String,
    roles: Vec<String>,
    is_disabled: bool,
    total: i64,
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        let roles = Role::ALL.into_iter().filter(|role| row.roles.iter().any(|name| name == role.id())).collect();
        Self {
            id: UserId(row.id),
            username: row.username,
            full_name: row.full_name,
            email: row.email,
            roles,
            is_disabled: row.is_disabled,
        }
    }
}

/// People by a part of a name or a mail address, those with more rights first; with how many there are. `limits`: how many, and after
/// how many.
pub(in crate::domain::accounts) async fn people(
    executor: impl PgExecutor<'_>,
    search: &str,
    with_roles: bool,
    (limit, offset): (i64, i64),
) -> Result<(Vec<Person>, i64), sqlx::Error> {
    let query = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.username::text AS "username!", u.full_name, u.email::text AS "email!", r.roles AS "roles!",
                  u.disabled_at IS NOT NULL AS "is_disabled!", count(*) OVER () AS "total!"
           FROM users u
           CROSS JOIN LATERAL (
               SELECT coalesce(array_agg(role), '{}') AS roles,
                      coalesce(max(CASE role WHEN 'administrator' THEN 4 WHEN 'staff' THEN 3 WHEN 'lead' THEN 2 WHEN 'agent' THEN 1 END), 0) AS most
               FROM user_roles WHERE user_id = u.id) r
           WHERE u.anonymised_at IS NULL AND (r.most > 0 OR NOT $2)
             AND ($1 = '' OR position(lower($1) IN lower(u.username::text || ' ' || u.full_name || ' ' || u.email::text)) > 0)
           ORDER BY r.most DESC, u.username, u.id LIMIT $3 OFFSET $4"#,
        search,
        with_roles,
        limit,
        offset
    );
    let rows = timed("accounts.people", query.fetch_all(executor)).await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok((rows.into_iter().map(Person::from).collect(), total))
}

/// One of them.
pub(in crate::domain::accounts) async fn person(
    executor: impl PgExecutor<'_>,
    id: UserId,
) -> Result<Option<Person>, sqlx::Error> {
    let query = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.username::text AS "username!", u.full_name, u.email::text AS "email!",
                  ARRAY(SELECT role FROM user_roles WHERE user_id = u.id) AS "roles!",
                  u.disabled_at IS NOT NULL AS "is_disabled!", 1::bigint AS "total!"
           FROM users u WHERE u.id = $1 AND u.anonymised_at IS NULL"#,
        id.0
    );
    Ok(timed("accounts.person", query.fetch_optional(executor)).await?.map(Person::from))
}

/// Makes other changes of roles wait until this transaction ends.
pub(in crate::domain::accounts) async fn lock_roles(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('accounts.roles')) AS locked");
    timed("accounts.lock_roles", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Who may give rights and can sign in.
pub(in crate::domain::accounts) async fn administrators(
    executor: impl PgExecutor<'_>,
) -> Result<Vec<UserId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT r.user_id AS "id: UserId" FROM user_roles r JOIN users u ON u.id = r.user_id
           WHERE r.role = 'administrator' AND u.disabled_at IS NULL AND u.anonymised_at IS NULL"#
    );
    timed("accounts.administrators", query.fetch_all(executor)).await
}

/// Takes roles away.
pub(in crate::domain::accounts) async fn remove_roles(
    tx: &mut Tx,
    user: UserId,
    roles: &[Role],
) -> Result<(), sqlx::Error> {
    let names: Vec<String> = roles.iter().map(|role| role.id().to_owned()).collect();
    let query = sqlx::query!("DELETE FROM user_roles WHERE user_id = $1 AND role = ANY($2)", user.0, &names);
    timed("accounts.remove_roles", query.execute(&mut **tx)).await?;
    Ok(())
}
