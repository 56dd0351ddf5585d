use super::*;

#[test]
fn a_closed_gate_says_what_it_counts_how_far_and_when_to_return() {
    let mut gates = Gates::default();
    for gate in Gate::ALL {
        gates.set(gate, " 300 ").unwrap();
    }
    for (gate, counted) in [
        (Gate::Login, "logins"),
        (Gate::Registration, "registrations"),
        (Gate::Token, "tokens"),
        (Gate::Document, "documents"),
    ] {
        let closed = gates.closed(gate).unwrap();
        assert_eq!(closed.retry_after_s(), 60);
        let fields = closed.fields();
        assert_eq!(fields.policy, format!("\"{counted}\";q=300;w=60"));
        assert_eq!(fields.limit, format!("\"{counted}\";r=0;t=60"));
    }
}

#[test]
fn each_gate_has_a_limit_of_its_own_and_one_that_is_off_is_never_closed() {
    let mut gates = Gates::default();
    for (number, gate) in (1..).zip(Gate::ALL) {
        gates.set(gate, &number.to_string()).unwrap();
    }
    for (number, gate) in (1..).zip(Gate::ALL) {
        assert_eq!(gates.closed(gate).unwrap().per_minute.get(), number);
    }
    gates.set(Gate::Token, "off").unwrap();
    assert_eq!(gates.closed(Gate::Token), None);
    assert!(gates.closed(Gate::Login).is_some());
}

#[test]
fn what_is_no_limit_changes_nothing() {
    let mut gates = Gates::default();
    gates.set(Gate::Login, "1000000").unwrap();
    let before = gates;
    for bad in [
        "",
        "0",
        "-1",
        "1000001",
        "many",
        "OFF",
        "1e3",
        "99999999999",
    ] {
        assert_eq!(gates.set(Gate::Login, bad), Err(BadLimit), "{bad}");
    }
    assert_eq!(gates, before);
}

/// What whoever writes `wrangler.toml` is told: `cargo xtask` goes by it.
#[test]
fn the_variable_is_the_binding_and_per_minute() {
    for gate in Gate::ALL {
        assert_eq!(gate.variable(), format!("{}_PER_MINUTE", gate.binding()));
    }
}
