//! Servers are made once for each isolate.

use std::cell::RefCell;
use std::rc::Rc;

use crate::server::Server;

/// How a server is made.
type Make = fn() -> Server;

thread_local! {
    /// What was made, and by what: few, so that they are gone through in order.
    static MADE: RefCell<Vec<(Make, Rc<Server>)>> = const { RefCell::new(Vec::new()) };
}

impl Server {
    /// What the function makes, which the isolate keeps: making it takes longer than
    /// most calls.
    pub fn made_once(by: Make) -> Rc<Self> {
        let kept = MADE.with_borrow(|made| {
            let mut all = made.iter();
            let kept = all.find(|(it, _)| std::ptr::fn_addr_eq(*it, by));
            kept.map(|(_, server)| Rc::clone(server))
        });
        kept.unwrap_or_else(|| {
            let server = Rc::new(by());
            MADE.with_borrow_mut(|made| made.push((by, Rc::clone(&server))));
            server
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_is_made_once() {
        fn one() -> Server {
            Server::new("one", "1")
        }
        fn other() -> Server {
            Server::new("other", "1")
        }
        let (first, second) = (Server::made_once(one), Server::made_once(other));
        assert_eq!((first.info.name, second.info.name), ("one", "other"));
        assert!(Rc::ptr_eq(&first, &Server::made_once(one)));
        assert!(Rc::ptr_eq(&second, &Server::made_once(other)));
    }
}
