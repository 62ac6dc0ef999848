//! Each role and each export.

use iku::access::{Role, Section};

use super::{BOTH_FORMS, path};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN};

/// The statuses of the exports for a role, in the order of `BOTH_FORMS` and `lkjip`.
const MATRIX: [(Role, [u16; 9]); 8] = [
    (Role::Administrator, [200; 9]),
    (Role::Auditor, [200; 9]),
    // The Camat and the Sekretaris read answers one by one, and export none.
    (Role::Head, [200, 200, 200, 200, 200, 200, 403, 200, 200]),
    (Role::Secretary, [200, 200, 200, 200, 200, 200, 403, 200, 200]),
    // Of another section than that of the survey.
    (Role::Officer, [200, 200, 200, 200, 200, 200, 403, 200, 200]),
    (Role::Integrator, [200, 200, 403, 403, 403, 200, 403, 200, 200]),
    (Role::Surveyor, [403; 9]),
    (Role::Reporter, [403; 9]),
];

async fn statuses(admin: &Client, client: &Client, format: &str) -> Vec<u16> {
    let mut found = Vec::new();
    for table in BOTH_FORMS {
        found.push(client.get(&path(admin, table, format).await).await.status);
    }
    found.push(client.get(&path(admin, "lkjip", "xlsx").await).await.status);
    found
}

#[apply(both_databases)]
async fn a_role_exports_what_it_may(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    assert_eq!(MATRIX.len(), Role::ALL.len());
    for (role, expected) in MATRIX {
        let sections = if role == Role::Officer {
            vec!["trantibum"]
        } else {
            Vec::new()
        };
        let client = world.holder(role, Some(PARINGIN), &sections);
        for format in ["csv", "xlsx"] {
            assert_eq!(statuses(&admin, &client, format).await, expected, "{role} {format}");
        }
    }
}

#[apply(both_databases)]
async fn answers_are_for_the_section_and_for_auditors(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let answers = path(&admin, "responses", "csv").await;
    for section in Section::ALL {
        let officer = world.officer(&[section.as_str()]);
        let reply = officer.get(&answers).await;
        match section {
            Section::PelayananKessos => drop(reply.status(200)),
            _ => drop(reply.problem(403, "wrong_section")),
        }
    }
    let camat = world.holder(Role::Head, Some(PARINGIN), &[]);
    camat.get(&answers).await.problem(403, "wrong_section");
    world.stranger().get(&answers).await.problem(404, "not_found");
    let auditor = world.holder(Role::Auditor, Some("63.11.01"), &[]);
    auditor.get(&answers).await.problem(404, "not_found");
    let reply = world.holder(Role::Auditor, None, &[]).get(&answers).await.status(200);
    assert_eq!(reply.header("cache-control"), "no-store");
}
