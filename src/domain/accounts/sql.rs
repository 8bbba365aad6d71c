//! Queries on users, user_roles, addresses, visitors and sessions.
