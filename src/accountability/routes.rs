//! Every page of this capability, and every state each can be in.

mod samples;

use crate::accountability::{
    papers, policy, purposes, recipients, responsible, size, training, transfers, yearly,
};
use crate::web::Routes;

pub fn routes() -> Routes {
    Routes::new()
        .merge(papers::routes())
        .merge(purposes::routes())
        .merge(recipients::routes())
        .merge(transfers::routes())
        .merge(responsible::routes())
        .merge(policy::routes())
        .merge(size::routes())
        .merge(training::routes())
        .merge(yearly::routes())
}

pub fn public_routes() -> Routes {
    policy::public_routes()
}
