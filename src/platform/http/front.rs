//! What the settings say about every answer, whatever was asked.

use super::limits::Limits;

/// One for the whole service, shared by all workers. By default nothing is limited.
#[derive(Debug, Default)]
pub struct Front {
    pub limits: Limits,
}
