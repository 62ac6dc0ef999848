//! People who sign in with a user name and a password.

pub mod first;
