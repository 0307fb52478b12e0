//! The way of one order through the house, typed as it was first drawn up: each command of it runs
//! on the example company, and each line it was to say is said, ids aside.

use std::collections::BTreeMap;

use crate::desk::Desk;

/// Commands behind `$`, what they say below; the ids are those of another day.
const SESSION: &str = r#"
$ desk order add CX01 --line "A100 x 20 @ 128" --line "C1 x 2 sample" --promised-on 2026-09-30        # as li-min
SO-2609-0014  晨星医药  2,560.00  awaiting review
Next: desk order review SO-2609-0014   (by someone else)
$ DESK_USER=wang desk order review SO-2609-0014
SO-2609-0014 approved by wang: credit 2,560.00 of 50,000.00, licence valid to 2027-03-01, stock available
SH-2609-0022 opened (stock-out slip, 2 lines)
Next: desk ship confirm SH-2609-0022
$ desk ship confirm SH-2609-0022 --carrier SF --all-checks
$ desk ship send SH-2609-0022 --waybill SF123456
$ desk invoice add --from SH-2609-0022
IN-2609-0018  2,560.00  due 2026-10-23  (items, prices and quantities match SO-2609-0014)
$ desk invoice issue IN-2609-0018 --number 26442000000012345678
$ desk payment add CX01 2000 --method transfer --match IN-2609-0018
PM-2609-0011  2,000.00 received; IN-2609-0018 open 560.00
$ desk order show SO-2609-0014
$ desk report receivables --as-of 2026-10-31 --by customer,staff -O csv
$ desk invoice add --from SO-2609-0014 --line "A100 x 4 @ 120"      # exit 3
error[invoice.quantity]: A100: invoicing 4, but nothing is left on SO-2609-0014
 = delivered 20, invoiced 20 by IN-2609-0018
error[invoice.price]: A100: price 120.00 differs from the order's 128.00
  --> orders/2026-09/SO-2609-0014.toml:18:9
18 | price = "128.00"
   |         ^^^^^^^^ ordered at this price
hint: desk invoice credit IN-2609-0018 --line "A100 x 20 @ 8 price_adjustment" --reason …
"#;

/// A command of the session, its exit code, and the lines it is to say.
struct Step {
    command: &'static str,
    code: i32,
    says: Vec<&'static str>,
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in SESSION.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(typed), _) => {
                let (command, note) = typed.split_once("  #").unwrap_or((typed, ""));
                let code = note.trim().strip_prefix("exit ").map_or("0", str::trim);
                let code = code.parse().expect("an exit code is a number");
                steps.push(Step { command, code, says: Vec::new() });
            }
            (None, Some(step)) => step.says.push(line),
            (None, None) => panic!("the session begins with a command"),
        }
    }
    steps
}

/// The first word of a line, where it is an id.
fn id(line: &str) -> Option<&str> {
    let word = line.split([' ', ';']).next()?;
    let mut parts = word.split('-');
    let (prefix, month, seq) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = prefix.len() == 2 && digits(month) && digits(seq) && parts.next().is_none();
    is_id.then_some(word)
}

/// A line of the session with the ids that were given here.
fn translated(line: &str, ids: &BTreeMap<&str, String>) -> String {
    // By way of a word that is none, so that an id that was given is not taken for one of theirs.
    let marked = ids.iter().enumerate().fold(line.to_owned(), |line, (at, (theirs, _))| {
        line.replace(theirs, &format!("\u{1}{at}\u{1}"))
    });
    let named = ids.values().enumerate();
    named.fold(marked, |line, (at, ours)| line.replace(&format!("\u{1}{at}\u{1}"), ours))
}

#[test]
fn the_way_of_one_order_runs_as_it_was_drawn_up() {
    let desk = Desk::example();
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for Step { command, code, says } in steps() {
        let ran = desk.run(&translated(command, &ids)).code(code);
        let mut said = if code == 0 { ran.text() } else { ran.errors() }.lines();
        for line in says {
            if let Some(theirs) = id(line).filter(|theirs| !ids.contains_key(theirs)) {
                let same_kind = |line: &&str| id(line).is_some_and(|own| own[..3] == theirs[..3]);
                let ours = said.clone().find(same_kind).and_then(id);
                let ours = ours.unwrap_or_else(|| panic!("{command}: no id in place of {theirs}"));
                ids.insert(theirs, ours.to_owned());
            }
            let wanted = translated(line, &ids);
            assert!(
                said.any(|line| line == wanted),
                "{command}\nlacks, or not in this place:\n{wanted}"
            );
        }
    }
    assert_eq!(ids.len(), 4, "{ids:?}");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}
