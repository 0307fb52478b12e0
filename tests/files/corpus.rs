//! A corpus of faults put into a copy of the example company: each is found in its file, nothing is
//! found in any other, and a report over it comes to what it comes to without the files it names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::desk::{Desk, Ran, example, names};

/// What a fault does to a file's text; nothing where the text has no place for it.
type Spoil = fn(&str) -> Option<String>;

/// A fault: the code that must be found, and what is done to the text.
type Fault = (&'static str, Spoil);

/// Replaces the first occurrence.
fn swap(text: &str, what: &str, with: &str) -> Option<String> {
    text.contains(what).then(|| text.replacen(what, with, 1))
}

/// Replaces the value of the first line of a key.
fn put(text: &str, key: &str, value: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(&format!("{key} = ")))?;
    swap(text, &format!("\n{line}\n"), &format!("\n{key} = {value}\n"))
}

/// Puts a line above the first table, where its key is not there yet.
fn top(text: &str, line: &str) -> Option<String> {
    let key = line.split(' ').next().filter(|key| !text.contains(&format!("\n{key} = ")));
    key.and_then(|_| swap(text, "\n\n[", &format!("\n{line}\n\n[")))
}

/// Changes the first line, which holds the id.
fn first(text: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (id, rest) = text.split_once('\n')?;
    Some(format!("{}\n{rest}", change(id)?))
}

/// Puts a block at the end.
fn end(text: &str, block: &str) -> Option<String> {
    Some(format!("{text}\n{block}\n"))
}

const STAMP: &str = "at = 2026-09-20T10:00:00+08:00\nby = \"wang\"\nreason = \"test\"";

/// Faults of what an order says.
const ORDERS: &[Fault] = &[
    ("field.unknown", |text| swap(text, "promised_on", "promissed_on")),
    ("field.unknown", |text| swap(text, "product =", "item =")),
    ("field.unknown", |text| top(text, "status = \"open\"")),
    ("field.type", |text| put(text, "credit_days", "\"30\"")),
    ("field.type", |text| put(text, "prices_include_tax", "1")),
    ("field.type", |text| put(text, "no", "[1]")),
    ("field.type", |text| swap(text, "[[approval]]", "[approval]")),
    ("field.float", |text| put(text, "price", "12.50")),
    ("field.float", |text| put(text, "tax_rate", "0.13")),
    ("field.float", |text| put(text, "qty", "nan")),
    ("field.float", |text| put(text, "price", "1e3")),
    ("field.decimal", |text| put(text, "price", "\"1 280.00\"")),
    ("field.decimal", |text| put(text, "price", "\"１２\"")),
    ("field.decimal", |text| put(text, "qty", "\"1e3\"")),
    ("field.decimal", |text| put(text, "qty", "0b11")),
    ("field.range", |text| put(text, "qty", "2000000000")),
    ("field.range", |text| put(text, "qty", "\"0.0000001\"")),
    ("field.range", |text| put(text, "price", "9223372036854775808")),
    ("field.range", |text| put(text, "credit_days", "-1")),
    ("field.date", |text| put(text, "promised_on", "2026-02-30")),
    ("field.date", |text| put(text, "promised_on", "\"2026-03-01\"")),
    ("field.date", |text| put(text, "promised_on", "2026-3-1")),
    ("field.date", |text| put(text, "entered_at", "2026-03-01T09:00:00")),
    ("field.date", |text| put(text, "date", "2026-13-01")),
    ("field.choice", |text| put(text, "decision", "\"maybe\"")),
    ("field.choice", |text| top(text, "kind = \"sales\"")),
    ("field.empty", |text| put(text, "customer", "\"\"")),
    ("field.missing", |text| swap(text, "\nproduct = ", "\nunit_note = ")),
    ("field.missing", |text| swap(text, "\ncustomer = ", "\n# customer = ")),
    ("field.control", |text| top(text, "remarks = \"\\u0000\"")),
    ("field.control", |text| top(text, "customer_po = \"\\u009b31m\"")),
    ("field.bidi", |text| top(text, "customer_po = \"A\u{202e}B\"")),
    ("line.duplicate_no", |text| swap(text, "\nno = 2\n", "\nno = 1\n")),
    ("line.no", |text| swap(text, "\nno = 1\n", "\nno = 0\n")),
    ("ref.unknown", |text| put(text, "customer", "\"CX99\"")),
    ("ref.unknown", |text| put(text, "product", "\"Z999\"")),
    ("ref.unknown", |text| put(text, "staff", "\"nobody\"")),
    ("ref.unknown", |text| top(text, "contract = \"CT-2501-0001\"")),
    ("order.line", |text| put(text, "qty", "-1")),
    ("order.line", |text| put(text, "price", "\"-0.01\"")),
    ("order.line", |text| put(text, "tax_rate", "13")),
    ("order.line", |text| put(text, "tax_rate", "1")),
    ("order.line", |text| swap(text, "\nqty = ", "\ndiscount_pct = 101\nqty = ")),
    ("order.line", |text| swap(text, "\nqty = ", "\ndiscount_amount = -1\nqty = ")),
    ("order.source_line", |text| swap(text, "\nqty = ", "\nsource_line = 9\nqty = ")),
    ("order.contract", |text| swap(text, "\nno = 1\n", "\nno = 1\ncontract_line = 99\n")),
    ("order.closure", |text| end(text, &format!("[[closure]]\nline = 1\nqty = 999999\n{STAMP}"))),
    ("order.closure", |text| end(text, &format!("[[closure]]\nline = 77\nqty = 1\n{STAMP}"))),
    ("order.hold", |text| {
        let released = "released_at = 2026-09-19T10:00:00+08:00\nreleased_by = \"wang\"";
        end(text, &format!("[[hold]]\n{STAMP}\n{released}"))
    }),
    ("order.currency", |text| top(text, "exchange_rate = 0")),
    ("order.currency", |text| top(text, "currency = \"rmb\"\nexchange_rate = 1")),
    ("order.free", |text| swap(text, "\nqty = ", "\nfree_reason = \"gift\"\nqty = ")),
    ("order.unit", |text| put(text, "unit", "\"lorry\"")),
    ("amount.exchange_rate", |text| top(text, "currency = \"GBP\"")),
    ("order.amount", |text| put(&put(text, "qty", "1000000000")?, "price", "\"9999999\"")),
    ("people.two", |text| {
        let author = text.lines().find_map(|line| line.strip_prefix("entered_by = "))?;
        put(text, "by", author)
    }),
    ("people.name", |text| put(text, "entered_by", "\"Li Min\"")),
    ("people.team", |text| end(text, "[[team]]\nstaff = \"wang\"\nshare_pct = 101")),
    ("approval.stale", |text| end(text, "of = \"desk1:00\"").filter(|_| text.contains("approval"))),
    ("list.unknown", |text| put(text, "district", "\"East\"")),
    ("attachment.missing", |text| top(text, "attachments = [\"attachments/none.pdf\"]")),
    ("attachment.missing", |text| top(text, "attachments = [\"../../etc/passwd\"]")),
    ("field.missing", |text| end(text, "[void]\nby = \"wang\"")),
];

/// Faults of the file itself, of any kind of record.
const FILES: &[Fault] = &[
    ("file.name", |text| first(text, |id| swap(id, "-00", "-90"))),
    ("id.form", |_| Some("id = \"../../x\"\nname = \"X\"\n".into())),
    ("toml.duplicate_key", |text| swap(text, "\n", "\nremarks = \"a\"\nremarks = \"b\"\n")),
    ("toml.duplicate_key", |text| end(text, "[void]\n[void]")),
    ("toml.conflict", |text| swap(text, "\n", "\n<<<<<<< ours\n=======\n>>>>>>> theirs\n")),
    ("toml.nul", |text| swap(text, "\n", "\n\0\n")),
    ("toml.syntax", |text| swap(text, " = ", " : ")),
    ("toml.syntax", |text| swap(text, "\"\n", "\n")),
    ("toml.syntax", |text| swap(text, "\n", "\nremarks = [1, 2\n")),
    ("toml.truncated", |text| Some(text[..text.rfind('=')? + 1].to_owned())),
    ("toml.truncated", |text| Some(text[..text.rfind('"')?].to_owned())),
    ("toml.truncated", |text| Some(format!("{text}\n[[overri"))),
    ("toml.empty", |_| Some("\n".into())),
    ("toml.too_deep", |text| end(text, &format!("remarks = {}", "[".repeat(40)))),
    ("toml.too_large", |text| end(text, &"#".repeat(1024 * 1024))),
    ("toml.bom", |text| Some(format!("\u{feff}{text}"))),
    ("toml.crlf", |text| Some(text.replace('\n', "\r\n"))),
    ("toml.final_newline", |text| Some(format!("{text}# end"))),
];

/// Faults of masters and contracts: which folder, and what.
const OTHERS: &[(&str, Fault)] = &[
    ("customers", ("field.choice", |text| put(text, "stage", "\"aktive\""))),
    ("customers", ("field.choice", |text| put(text, "grade", "\"D\""))),
    ("customers", ("field.empty", |text| put(text, "name", "\"\""))),
    ("customers", ("field.range", |text| put(text, "credit_limit", "\"1000000000001\""))),
    ("customers", ("field.unknown", |text| put(text, "name", "\"X\"\nfax = \"1\""))),
    ("customers", ("ref.unknown", |text| put(text, "staff", "\"li\""))),
    ("customers", ("list.unknown", |text| put(text, "district", "\"west\""))),
    ("customers", ("people.team", |text| end(text, "[[team]]\nstaff = \"wang\"\nshare_pct = 0"))),
    ("customers", ("customer.licence", |text| put(text, "expires_on", "1999-12-31"))),
    ("customers", ("field.type", |text| swap(text, "[invoicing]", "[[invoicing]]"))),
    ("suppliers", ("field.missing", |text| swap(text, "\nname = ", "\n# name = "))),
    ("products", ("product.unit", |text| put(text, "factor", "0"))),
    ("products", ("product.price", |text| put(text, "list_price", "\"0.01\""))),
    ("products", ("private.both", |text| put(text, "name", "\"X\"\ncost = \"1\""))),
    (
        "products",
        ("field.type", |text| {
            put(text, "active", "\"no\"").or_else(|| put(text, "name", "\"X\"\nactive = \"no\""))
        }),
    ),
    ("products", ("list.unknown", |text| put(text, "category", "\"sundries\""))),
    ("contracts", ("contract.line", |text| put(text, "qty", "-1"))),
    ("contracts", ("contract.dates", |text| put(text, "valid_to", "2001-01-01"))),
    ("contracts", ("contract.party", |text| put(text, "party", "\"wang\""))),
    ("contracts", ("contract.instalment", |text| end(text, "[[instalment]]\nno = 99\npct = 101"))),
    ("contracts", ("line.duplicate_no", |text| swap(text, "\nno = 2\n", "\nno = 1\n"))),
    ("contracts", ("field.float", |text| put(text, "price", "9.99"))),
    ("contracts", ("ref.unknown", |text| put(text, "product", "\"Z999\""))),
];

/// The files below a folder, by path.
fn files_of(folder: &str) -> BTreeMap<String, String> {
    let root = example();
    let mut files = BTreeMap::new();
    for name in names(&root.join(folder)) {
        let path = format!("{folder}/{name}");
        if root.join(&path).is_dir() {
            files.extend(files_of(&path));
        } else {
            files.insert(path.clone(), std::fs::read_to_string(root.join(path)).expect("a file"));
        }
    }
    files
}

/// Puts each fault into the next file that has a place for it; gives the codes by file.
fn spoil(
    desk: &Desk,
    files: &mut BTreeMap<String, String>,
    faults: impl Iterator<Item = Fault>,
) -> BTreeMap<String, &'static str> {
    let mut spoiled = BTreeMap::new();
    for (at, (code, fault)) in faults.enumerate() {
        // A different file for the same fault each time it comes round, and never one twice.
        let places = files.iter().filter_map(|(path, text)| Some((path.clone(), fault(text)?)));
        let places: Vec<(String, String)> = places.collect();
        assert!(!places.is_empty(), "no file is left for fault {at} ({code})");
        let (path, text) = &places[at * 31 % places.len()];
        desk.write(path, text);
        files.remove(path);
        spoiled.insert(path.clone(), code);
    }
    spoiled
}

/// The findings of a JSON list, as file and code.
fn found(ran: &Ran) -> Vec<(String, String)> {
    let findings: Value = serde_json::from_str(&ran.out).expect("JSON");
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let all = findings.as_array().expect("a list").iter();
    all.map(|finding| (text(finding, "file"), text(finding, "code"))).collect()
}

/// Spoils a copy of the example and demands that every fault, and nothing else, is found.
fn every_fault_is_found(faults: &[(&str, Vec<Fault>)]) -> usize {
    let desk = Desk::of(&[&example()]);
    let mut spoiled = BTreeMap::new();
    for (folder, faults) in faults {
        spoiled.extend(spoil(&desk, &mut files_of(folder), faults.iter().copied()));
    }
    let found = found(&desk.run(&["check", "-O", "json"]).exits(3));
    let public = |file: &str| file.trim_start_matches("private/").to_owned();
    let pairs: BTreeSet<(String, &str)> =
        found.iter().map(|(file, code)| (public(file), code.as_str())).collect();
    for (file, code) in &spoiled {
        let instead: Vec<_> = pairs.iter().filter(|(found, _)| found == file).collect();
        let is_found = pairs.contains(&(file.clone(), *code));
        assert!(is_found, "{code} is not found in {file}, but {instead:?}");
    }
    // What was ordered under, sent, invoiced or paid for a spoiled record may disagree with it.
    let beside = [
        "shipment.line",
        "shipment.party",
        "shipment.over_delivered",
        "invoice.party",
        "invoice.over_invoiced",
        "invoice.instalments",
        "order.contract",
        "payment.contract",
        "allocation.party",
        "allocation.instalment",
        "allocation.beyond",
    ];
    let elsewhere: Vec<_> = pairs
        .iter()
        .filter(|(file, code)| !spoiled.contains_key(file) && !beside.contains(code))
        .collect();
    assert!(elsewhere.is_empty(), "found where nothing is wrong: {elsewhere:?}");
    totals_without_what_is_named(&desk);
    spoiled.len()
}

/// The report names files, each beside the page; without them it comes to the same, and has nothing more to name.
fn totals_without_what_is_named(desk: &Desk) {
    let arguments = ["report", "sales", "--basis", "ordered", "--by", "month", "-O", "json"];
    let over = desk.run(&arguments).exits(3);
    let page = |ran: &Ran| -> Value { serde_json::from_str(&ran.out).expect("a page") };
    let (tables, notes) = (&page(&over)["tables"], &page(&over)["notes"]);
    let note = notes[0].as_str().expect("a note");
    assert!(note.starts_with("left out, and in no figure: "), "{note}");
    // The page names a few of them and their count, what is said beside it each with its place.
    let places = over.err.lines().filter_map(|line| line.trim_start().strip_prefix("--> "));
    let files: BTreeSet<&str> = places.filter_map(|place| place.split(':').next()).collect();
    let told = files.len() <= 10 || note.contains(&format!(" …, {} in all", files.len()));
    assert!(told, "{} files, and {note}", files.len());
    let orders = files.into_iter().filter(|file| file.starts_with("orders/"));
    orders.for_each(|file| std::fs::remove_file(desk.root().join(file)).expect("a named file"));
    assert_eq!(*tables, page(&desk.run(&arguments))["tables"]);
}

#[test]
fn a_hundred_faults_are_found_and_nothing_else() {
    let twice = ORDERS.iter().chain(&ORDERS[..33]).copied().collect();
    let in_orders = every_fault_is_found(&[("orders", twice)]);
    let of_folder = |name: &str| -> Vec<Fault> {
        OTHERS.iter().filter(|(folder, _)| *folder == name).map(|(_, fault)| *fault).collect()
    };
    let in_others = every_fault_is_found(&[("orders", FILES.to_vec())]);
    let folders = ["customers", "suppliers", "products", "contracts"];
    let folders: Vec<_> = folders.iter().map(|name| (*name, of_folder(name))).collect();
    let in_masters = every_fault_is_found(&folders);
    assert!(in_orders + in_others + in_masters >= 130, "only so many faults");
}

#[test]
fn nothing_is_found_in_the_example_as_it_is() {
    let desk = Desk::of(&[&example()]);
    assert_eq!(found(&desk.run(&["check", "-O", "json"]).exits(0)), []);
}
