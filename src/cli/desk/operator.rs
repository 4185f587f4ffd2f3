//! Who typed a command, for the ledger: the account as the kernel knows it,
//! which the one who typed cannot choose.

use rustix::process::{Uid, geteuid};

use crate::vault::Actor;

/// Accounts and their numbers (passwd(5)).
const ACCOUNTS: &str = "/etc/passwd";

/// Whoever runs this process.
pub fn here() -> Actor {
    of(geteuid().as_raw())
}

/// The account at the other end of a socket.
pub fn of(uid: u32) -> Actor {
    let accounts = std::fs::read_to_string(ACCOUNTS).unwrap_or_default();
    Actor::operator(name(&accounts, uid))
}

/// The machine's administrator and the service's own account may give orders:
/// both can read the keys anyway.
pub fn may(uid: u32, own: Uid) -> bool {
    Uid::from_raw(uid).is_root() || uid == own.as_raw()
}

fn name(accounts: &str, uid: u32) -> String {
    let number = uid.to_string();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    });
    name.map_or(format!("uid {uid}"), |name| format!("{name} (uid {uid})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_service_itself_may_give_orders() {
        let service = Uid::from_raw(990);

        assert!(may(0, service) && may(990, service));
        assert!(!may(1000, service) && !may(65_534, service));
    }

    #[test]
    fn an_operator_is_named_by_account_or_at_least_by_number() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\naigul:x:1000:1000::/home/aigul:/bin/sh\n";

        assert_eq!(name(accounts, 1000), "aigul (uid 1000)");
        assert_eq!(name(accounts, 7), "uid 7");
    }
}
