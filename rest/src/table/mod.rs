//! Every operation of the API, in a file for each subject: the only place that says
//! which there are.

mod me;
mod policies;
mod query;
mod records;
mod roles;
mod row;
mod users;

use crate::operation::Operation;

/// All of them.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    let all = [
        me::OPERATIONS,
        users::OPERATIONS,
        roles::OPERATIONS,
        policies::OPERATIONS,
        records::OPERATIONS,
    ];
    all.into_iter().flatten()
}

#[cfg(test)]
mod tests;
