//! What an import makes of small files.

mod faults;

use std::collections::BTreeMap;

use super::*;
use crate::{
    config::Config,
    record::Kind,
    rules::gate::{self, Gate},
    store::{files::Files, stage},
    value::day::Moment,
};

const CUSTOMERS: &str = r#"
kind = "customer"

[[source]]
name = "customers"

[fields]
id = "{no}"
name = "{name}"
credit_limit = { value = "{limit}", number = "1,234.50" }
kind = { value = "{class}", map = { H = "hospital", T = "trader" }, default = "other" }

[[fields.person]]
name = "{first} {last}"
phone = "{phone}"

[[fields.address]]
text = ["{street}", "{zip} {city}"]
"#;

const CUSTOMER_ROWS: &str = "no,name,limit,class,first,last,phone,street,zip,city\n\
    C1,晨星医药,\"¥1,200.00\",H,Li,Min,'+86 1,Road 1,200000,上海\n\
    C2,Plain Ltd,,X,,,,,,\n";

const ORDERS: &str = r#"
kind = "order"
known_by = "customer_po"

[formats]
date = "%d/%m/%Y"

[[source]]
name = "orders"
key = "{order}"
skip = { status = "Draft" }

[[source]]
name = "lines"
key = "{order}"

[fields]
date = "{ordered}"
customer = "{customer}"
customer_po = "{order}"
remarks = "{status}"

[[fields.line]]
rows = "lines"
no = "{pos}"
product = { value = "{item}", replace = "-" }
qty = "{qty}"
price = "{price}"

[fields.void]
when = { status = "Cancelled" }
at = "{ordered}"
by = "li-min"
reason = "cancelled"

[[fields.hold]]
when = { status = ["On Hold", "Waiting"] }
at = "{ordered}"
by = "li-min"
reason = "{status}"
"#;

const ORDER_ROWS: &str = "order,ordered,customer,status\n\
    102,03/09/2026,C1,Open\n\
    101,01/09/2026,C1,Cancelled\n\
    103,05/10/2026,C1,On Hold\n\
    104,06/10/2026,C1,Draft\n";

const LINE_ROWS: &str = "order,pos,item,qty,price\n\
    101,1,A 100,1,10.00\n\
    102,2,A 100,3,10.50\n\
    102,1,B1,2,5\n\
    103,1,B1,1,7.25\n\
    104,1,B1,1,7.25\n";

/// Files by path.
type Bytes = BTreeMap<String, Option<Vec<u8>>>;

fn files(extra: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let base = [
        ("customers/C1.toml", "id = \"C1\"\nname = \"晨星\"\n"),
        ("products/A-100.toml", "id = \"A-100\"\nname = \"A\"\n"),
        ("products/B1.toml", "id = \"B1\"\nname = \"B\"\n"),
        ("staff/li-min.toml", "id = \"li-min\"\nname = \"Li Min\"\n"),
    ];
    let all = base.iter().chain(extra);
    all.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

fn book(files: BTreeMap<String, Vec<u8>>) -> Book {
    let now: Moment = "2026-11-02T09:00:00.125+08:00".parse().unwrap();
    let mut config = Config::default();
    config.company.time_zone = Some("Asia/Shanghai".into());
    Book::new(Files::memory(files), config, Vec::new(), now)
}

fn source(name: &str, text: &str) -> Source {
    Source { name: name.into(), file: format!("{name}.csv"), bytes: text.as_bytes().to_vec() }
}

fn options() -> Options {
    Options { history: true, ..Options::default() }
}

fn planned(book: &Book, mapping: &str, sources: &[Source], options: &Options) -> Result<Plan> {
    plan(book, &Mapping::read("m.toml", mapping.as_bytes())?, sources, options)
}

/// The files after an import, and what the gate says of it.
fn imported(book: &Book, plan: &Plan) -> (BTreeMap<String, String>, Vec<Finding>, Bytes) {
    let writes = stage::stage(&book.files, &plan.change).unwrap();
    let after = writes.iter().map(|write| (write.path.clone(), write.after.clone()));
    let after: BTreeMap<_, _> = after.collect();
    let staged = book.with(after.clone());
    let mut found = gate::run(book, &staged, &plan.change, Gate::History);
    point_at_rows(&mut found, &plan.origins, &[]);
    let texts = after
        .iter()
        .map(|(path, bytes)| (path.clone(), String::from_utf8(bytes.clone().unwrap()).unwrap()));
    (texts.collect(), found, after)
}

/// What is wrong with an import, a line each: the place and the message.
fn faults(mapping: &str, sources: &[Source]) -> Vec<String> {
    let error = planned(&book(files(&[])), mapping, sources, &options()).unwrap_err();
    let line = |finding: &Finding| {
        let place = match &finding.place.at {
            At::Cell { row, column } => format!("{}:{row}:{column}", finding.place.file),
            _ => finding.place.file.clone(),
        };
        format!("{place} {}", finding.message)
    };
    let lines: Vec<String> = error.findings.iter().map(line).collect();
    if lines.is_empty() { vec![error.message] } else { lines }
}

fn orders(rows: &str, lines: &str) -> Vec<Source> {
    vec![source("lines", lines), source("Orders", rows)]
}

#[test]
fn masters_are_made_of_columns_templates_maps_and_blocks() {
    let book = book(files(&[]));
    let rows = CUSTOMER_ROWS.replace("C1,", "C9,");
    let plan = planned(&book, CUSTOMERS, &[source("export", &rows)], &options()).unwrap();
    let (files, found, _) = imported(&book, &plan);
    assert_eq!(found, []);
    let first = "id = \"C9\"\nname = \"晨星医药\"\nkind = \"hospital\"\n\
        credit_limit = \"1200.00\"\n\n[[person]]\nname = \"Li Min\"\nphone = \"+86 1\"\n\n\
        [[address]]\ntext = \"Road 1, 200000 上海\"\n";
    assert_eq!(files["customers/C9.toml"], first);
    let second = "id = \"C2\"\nname = \"Plain Ltd\"\nkind = \"other\"\n";
    assert_eq!(files["customers/C2.toml"], second);
}

#[test]
fn rows_are_grouped_into_documents_with_ids_by_date() {
    let book = book(files(&[(
        "orders/2026-09/SO-2609-0007.toml",
        "id = \"SO-2609-0007\"\ndate = 2026-09-01\ncustomer = \"C1\"\n",
    )]));
    let plan = planned(&book, ORDERS, &orders(ORDER_ROWS, LINE_ROWS), &options()).unwrap();
    assert_eq!(plan.change.lines, ["order: 3 new, 0 changed, 0 unchanged"]);
    let (files, found, _) = imported(&book, &plan);
    assert_eq!(found, []);
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "orders/2026-09/SO-2609-0008.toml",
            "orders/2026-09/SO-2609-0009.toml",
            "orders/2026-10/SO-2610-0001.toml",
        ]
    );
    let void = "[void]\nat = 2026-09-01T00:00:00+08:00\nby = \"li-min\"\nreason = \"cancelled\"\n";
    assert!(files[paths[0]].ends_with(void), "{}", files[paths[0]]);
    let second = "id = \"SO-2609-0009\"\ndate = 2026-09-03\ncustomer = \"C1\"\n\
        customer_po = \"102\"\nremarks = \"Open\"\n\n\
        [[line]]\nno = 1\nproduct = \"B1\"\nqty = 2\nprice = \"5\"\n\n\
        [[line]]\nno = 2\nproduct = \"A-100\"\nqty = 3\nprice = \"10.50\"\n";
    assert_eq!(files[paths[1]], second);
    assert!(files[paths[2]].contains("[[hold]]") && files[paths[2]].contains("\"On Hold\""));
}

#[test]
fn columns_and_rows_may_stand_in_any_order_in_any_encoding() {
    let plain = source("export", CUSTOMER_ROWS);
    let quoted: String = CUSTOMER_ROWS
        .lines()
        .map(|line| match line.contains('"') {
            true => format!("{line}\r\n"),
            false => {
                let cells: Vec<String> =
                    line.split(',').map(|cell| format!("\"{cell}\"")).collect();
                format!("{}\r\n", cells.join(","))
            }
        })
        .collect();
    let (gb, _, _) = encoding_rs::GB18030.encode(&quoted);
    let wide: Vec<u8> = quoted.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let reversed = "name,no,limit,class,first,last,phone,street,zip,city,more\n\
        晨星医药,C1,\"1,200.00\",H,Li,Min,'+86 1,Road 1,200000,上海,x\n\
        Plain Ltd,C2,,X,,,,,,,x\n";
    let book = book(BTreeMap::new());
    let made = |bytes: &[u8]| {
        let source = Source { bytes: bytes.to_vec(), ..plain.clone() };
        let plan = planned(&book, CUSTOMERS, &[source], &options()).unwrap();
        plan.change
    };
    let wanted = made(CUSTOMER_ROWS.as_bytes());
    for bytes in [quoted.as_bytes(), &gb, &wide, reversed.as_bytes()] {
        assert_eq!(made(bytes), wanted);
    }
}

#[test]
fn one_file_can_hold_heads_and_lines_and_counts_the_lines() {
    let mapping = ORDERS
        .replace("[[source]]\nname = \"lines\"\nkey = \"{order}\"\n", "")
        .replace("rows = \"lines\"\nno = \"{pos}\"", "rows = \"orders\"");
    let rows = "order,ordered,customer,status,item,qty,price\n\
        7,01/09/2026,C1,Open,B1,1,2\n8,02/09/2026,C1,Open,B1,3,4\n7,,,,A 100,5,6\n";
    let book = book(files(&[]));
    let plan = planned(&book, &mapping, &[source("x", rows)], &options()).unwrap();
    let (files, _, _) = imported(&book, &plan);
    let lines = "[[line]]\nno = 1\nproduct = \"B1\"\nqty = 1\nprice = \"2\"\n\n\
        [[line]]\nno = 2\nproduct = \"A-100\"\nqty = 5\nprice = \"6\"\n";
    assert!(files["orders/2026-09/SO-2609-0001.toml"].ends_with(lines));
    let torn = rows.replace("7,,,,A", "7,,C2,,A");
    assert_eq!(
        faults(&mapping, &[source("x", &torn)]),
        ["x.csv:4:customer \"C2\" here, \"C1\" on line 2 of the same 7"]
    );
}

#[test]
fn a_further_file_can_be_looked_up() {
    let mapping = ORDERS
        .replace("remarks = \"{status}\"", "staff = \"{rep}\"\nremarks = \"{reps.note}\"")
        + "\n[[source]]\nname = \"reps\"\nkey = \"{of}\"\nmatch = \"{customer}\"\n";
    let mut sources = orders(ORDER_ROWS, LINE_ROWS);
    sources.push(source("reps", "of,rep,note\nC1,li-min,new\nC2,x,y\n"));
    let plan = planned(&book(files(&[])), &mapping, &sources, &options()).unwrap();
    let Edit::Add { value, .. } = &plan.change.edits[0] else { panic!("an order is added") };
    assert_eq!((&value["staff"], &value["remarks"]), (&"li-min".into(), &"new".into()));
    sources[2] = source("reps", "of,rep,note\nC1,a,\nC1,b,\n");
    assert_eq!(faults(&mapping, &sources)[0], "Orders.csv:2: reps.csv has 2 rows for \"C1\"");
    sources[2] = source("reps", "of,rep,note\nC9,a,\n");
    assert_eq!(faults(&mapping, &sources).len(), 3, "each order that leads nowhere");
}

#[test]
fn a_second_import_finds_the_same_records_again() {
    let first = book(files(&[]));
    let sources = orders(ORDER_ROWS, LINE_ROWS);
    let plan = planned(&first, ORDERS, &sources, &options()).unwrap();
    let (_, _, made) = imported(&first, &plan);
    let again = first.with(made);
    let plan = planned(&again, ORDERS, &sources, &options()).unwrap();
    assert_eq!(plan.change.lines, ["order: 0 new, 0 changed, 3 unchanged"]);
    assert_eq!(plan.change.edits, []);

    let changed = orders(
        &ORDER_ROWS.replace("Open", "Waiting"),
        &(LINE_ROWS.replace("B1,2,5", "B1,4,5") + "102,3,B1,9,1\n"),
    );
    let error = planned(&again, ORDERS, &changed, &options()).unwrap_err();
    let message = "SO-2609-0002 is there already and differs: \
        hold[0] is new, line[0].qty is 2, imported 4, line[2] is new, \
        remarks is \"Open\", imported \"Waiting\"";
    assert_eq!(error.findings[0].message, message);
    let update = Options { update: true, ..options() };
    let plan = planned(&again, ORDERS, &changed, &update).unwrap();
    assert_eq!(plan.change.lines, ["order: 0 new, 1 changed, 2 unchanged"]);
    let changes = plan.page.tables.iter().find(|table| table.key == "changes").unwrap();
    let quantity = ["SO-2609-0002", "line[0].qty", "2", "4"];
    let is_quantity = |row: &crate::page::Row| {
        let words = row.cells().iter().map(|cell| format!("{cell:?}"));
        words.zip(quantity).all(|(cell, word)| cell.contains(&format!("\"{word}\"")))
    };
    assert!(changes.rows.iter().any(is_quantity), "{changes:?}");
    let (files, found, _) = imported(&again, &plan);
    assert_eq!(found, []);
    let text = &files["orders/2026-09/SO-2609-0002.toml"];
    assert!(text.contains("qty = 4\n") && text.contains("no = 3\n"), "{text}");
    assert!(text.contains("reason = \"Waiting\""), "{text}");
}

#[test]
fn what_people_added_since_is_no_difference() {
    let mine =
        "# mine\nid = \"C1\"\nname = \"晨星医药\"\nkind = \"hospital\"\nremarks = \"good\"\n";
    let book = book(files(&[("customers/C1.toml", mine)]));
    let rows = CUSTOMER_ROWS.replace("C2,", "C3,");
    let update = Options { update: true, ..options() };
    let plan = planned(&book, CUSTOMERS, &[source("c", &rows)], &update).unwrap();
    let (files, found, _) = imported(&book, &plan);
    assert_eq!(found, []);
    let text = &files["customers/C1.toml"];
    assert!(text.starts_with("# mine\n") && text.contains("remarks = \"good\"\n"), "{text}");
    assert!(text.contains("credit_limit = \"1200.00\"") && text.contains("[[person]]"), "{text}");
}

#[test]
fn new_documents_say_who_entered_them_and_the_past_does_not() {
    let book = book(files(&[]));
    let entered = |options: &Options| {
        let plan = planned(&book, ORDERS, &orders(ORDER_ROWS, LINE_ROWS), options).unwrap();
        let Edit::Add { value, .. } = &plan.change.edits[0] else { panic!("an order is added") };
        (value.get("entered_by").cloned(), value.get("entered_at").cloned())
    };
    let user = Some("wang".to_owned());
    let now = Options { user, history: false, ..options() };
    let at = "2026-11-02T09:00:00.125+08:00";
    assert_eq!(entered(&now), (Some("wang".into()), Some(at.into())));
    assert_eq!(entered(&options()), (None, None));
}

#[test]
fn the_gate_names_the_row_it_speaks_of() {
    let book = book(files(&[]));
    let lines = LINE_ROWS.replace("103,1,B1", "103,1,Z9");
    let plan = planned(&book, ORDERS, &orders(ORDER_ROWS, &lines), &options()).unwrap();
    let (_, found, _) = imported(&book, &plan);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].code, found[0].notes.as_slice()),
        ("ref.unknown", &["from lines.csv row 5".to_owned()][..])
    );
}

#[test]
fn a_constant_that_is_spelt_like_a_column_is_a_warning() {
    let mapping = CUSTOMERS.replace("\"{name}\"", "\"name\"");
    let rows = CUSTOMER_ROWS.replace("C1,", "C9,");
    let plan = planned(&book(files(&[])), &mapping, &[source("c", &rows)], &options()).unwrap();
    let hint = plan.findings[0].hint.as_deref();
    assert_eq!(hint, Some("its cells are \"{name}\""));
}

#[test]
fn the_page_counts_and_totals() {
    let book = book(files(&[]));
    let plan = planned(&book, ORDERS, &orders(ORDER_ROWS, LINE_ROWS), &options()).unwrap();
    let fact = |key: &str| {
        let found = plan.page.facts.iter().find(|(known, _)| known == key);
        found.map(|(_, cell)| format!("{cell:?}")).unwrap_or_default()
    };
    assert_eq!(fact("new"), "Int(3)");
    assert_eq!(fact("lines"), "Int(4)");
    assert_eq!(fact("gross"), "Money(48.75)");
    assert_eq!(fact("void_gross"), "Money(10.00)");
    assert_eq!(plan.page.tables[0].rows.len(), 3);
}

#[test]
fn the_words_of_a_mapping_leave_room_in_every_kind() {
    fn reserved(fields: &[crate::record::schema::Field]) -> bool {
        fields.iter().any(|field| {
            ["when", "rows"].contains(&field.key.as_str())
                || field.kind.fields().is_some_and(reserved)
        })
    }
    assert!(!crate::record::KINDS.iter().any(|kind| reserved(Kind::fields(*kind))));
}

#[test]
fn places_of_cells_become_bytes_of_the_text() {
    let mapping = Mapping::read("m.toml", CUSTOMERS.as_bytes()).unwrap();
    let rows = CUSTOMER_ROWS.replace("X", "\"X,\ny\"").replace('\n', "\r\n");
    let place = |line, column: &str| sheet::cell_place("c.csv", line, column);
    let find = |place| Finding::error("import.value", place, "x");
    let mut found = [
        find(place(2, "limit")),
        find(place(3, "class")),
        find(place(3, "city")),
        find(place(3, "")),
    ];
    let texts = locate::locate(&mapping, &[source("c", &rows)], &mut found);
    let text = String::from_utf8(texts[0].1.clone().unwrap()).unwrap();
    let spans = found.iter().map(|finding| match &finding.place.at {
        At::Span(span) => &text[span.clone()],
        _ => "",
    });
    let spans: Vec<&str> = spans.collect();
    assert_eq!(spans, ["\"¥1,200.00\"", "\"X,\r\ny\"", "", "C2,Plain Ltd,,\"X,"]);
}

/// A book with orders, and what an update from the usual rows makes of it.
fn updated(there: &[(&str, &str)], rows: &str, lines: &str) -> Result<Plan> {
    let book = book(files(there));
    let update = Options { update: true, ..options() };
    planned(&book, ORDERS, &orders(rows, lines), &update)
}

fn messages(result: Result<Plan>) -> Vec<String> {
    let error = result.unwrap_err();
    error.findings.into_iter().map(|finding| finding.message).collect()
}

const ONE: &str = "orders/2026-09/SO-2609-0001.toml";
const TWO: &str = "orders/2026-09/SO-2609-0002.toml";
const ROW: &str = "order,ordered,customer,status\n102,03/09/2026,C1,Open\n";
const LINE: &str = "order,pos,item,qty,price\n102,1,A 100,2.0,128\n";
const THERE: &str = "id = \"SO-2609-0001\"\ndate = 2026-09-03\ncustomer = \"C1\"\n\
    customer_po = \"102\"\nremarks = \"Open\"\n\n\
    [[line]]\nno = 1\nproduct = \"A-100\"\nqty = 2\nprice = \"128.00\"\n";

#[test]
fn a_match_that_is_not_sure_is_a_fault() {
    let other = THERE.replace("C1", "C7");
    assert_eq!(
        messages(updated(&[(ONE, &other)], ROW, LINE)),
        ["customer_po \"102\" is that of SO-2609-0001 of customer C7, not of C1"]
    );
    let second = THERE.replace("0001", "0002");
    assert_eq!(
        messages(updated(&[(ONE, THERE), (TWO, &second)], ROW, LINE)),
        ["customer_po \"102\" is that of SO-2609-0001 and of SO-2609-0002"]
    );
    let void = "\n[void]\nat = 2026-09-04T00:00:00+08:00\nby = \"li-min\"\nreason = \"x\"\n";
    let void = format!("{THERE}{void}");
    assert_eq!(
        messages(updated(&[(ONE, &void)], ROW, LINE)),
        ["SO-2609-0001, known by customer_po \"102\", is void"]
    );
}

#[test]
fn equal_numbers_are_no_difference() {
    let plan = updated(&[(ONE, THERE)], ROW, LINE).unwrap();
    assert_eq!(plan.change.edits, []);
}

#[test]
fn lines_that_vanished_are_noted_unless_they_are_closed() {
    let two = "\n[[line]]\nno = 2\nproduct = \"B1\"\nqty = 2\nprice = 1\n";
    let two = format!("{THERE}{two}");
    let plan = updated(&[(ONE, &two)], ROW, LINE).unwrap();
    assert_eq!(
        plan.page.notes,
        ["SO-2609-0001: lines 2 are not in the source any more; close or revise them"]
    );
    let closed = "\n[[closure]]\nline = 2\nqty = 2\nat = 2026-09-04T00:00:00+08:00\n\
        by = \"li-min\"\nreason = \"customer\"\n";
    let plan = updated(&[(ONE, &format!("{two}{closed}"))], ROW, LINE).unwrap();
    assert_eq!(plan.page.notes, [""; 0]);
}

#[test]
fn a_header_alone_is_said_to_have_no_rows() {
    let plan = updated(&[], "order,ordered,customer,status\n", "order,pos,item,qty,price\n");
    assert_eq!(plan.unwrap().page.notes, ["Orders.csv: no rows", "lines.csv: no rows"]);
}
