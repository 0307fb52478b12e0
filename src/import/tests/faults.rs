//! What an import refuses, everything at once, each with its place.

use proptest::prelude::*;

use super::*;

#[test]
fn every_fault_of_the_rows_is_found_at_once() {
    let rows = "order,ordered,customer,status\n\
        102,2026-09-03,C1,Open\n\
        ,01/09/2026,C1,Open\n\
        1.23457E+17,01/09/2026,C1,Open\n\
        103,05/10/2026,,On Hold\n";
    let lines = "order,pos,item,qty,price\n\
        102,1,A 100,\"1,000\",10.00\n\
        103,1,B1,many,7.25\n\
        999,1,B1,1,7.25\n\
        999,2,B1,1,7.25\n";
    assert_eq!(
        faults(ORDERS, &orders(rows, lines)),
        [
            "Orders.csv:3:order the key is empty, so it is not known where the row belongs",
            "Orders.csv:4:order \"1.23457E+17\" is a number that a spreadsheet has rounded",
            "lines.csv:4: Orders.csv has no row for \"999\"",
            "Orders.csv:2:ordered \"2026-09-03\" is no date of the form %d/%m/%Y",
            "lines.csv:2:qty \"1,000\" is no number of the form 1234.50",
            "Orders.csv:5:customer nothing for `customer`, which must be there",
            "lines.csv:3:qty \"many\" is no number of the form 1234.50",
        ]
    );
}

#[test]
fn odd_rows_hide_no_other_fault() {
    let rows = "order,ordered,customer,status\n\
        101,01/09/2026\n\
        102,2026-09-03,C1,Open\n\
        103,05/10/2026,C8,Open\n\
        104,05/10/2026,C1,Open\n";
    let lines = "order,pos,item,qty,price\n\
        101,1,B1,1,7.25\n\
        104,1\n\
        104,2,Z9,1,7.25\n";
    assert_eq!(
        faults(ORDERS, &orders(rows, lines)),
        [
            "Orders.csv:2: 2 cells under 4 columns",
            "lines.csv:3: 2 cells under 5 columns",
            "Orders.csv:3:ordered \"2026-09-03\" is no date of the form %d/%m/%Y",
            "Orders.csv:4: `customer`: there is no customer C8",
            "lines.csv:4: `product`: there is no product Z9",
        ]
    );
}

#[test]
fn every_column_that_is_missing_is_named_at_once() {
    let rows = ORDER_ROWS.replace("ordered,", "day,").replace("status", "state");
    let found = faults(ORDERS, &orders(&rows, &LINE_ROWS.replace("qty", "Qty")));
    assert_eq!(
        found,
        [
            "Orders.csv:1: Orders.csv has no column \"status\"",
            "Orders.csv:1: Orders.csv has no column \"ordered\"",
            "lines.csv:1: lines.csv has no column \"qty\"",
        ]
    );
    let semicolons = CUSTOMER_ROWS.replace(',', ";");
    let error = planned(&book(files(&[])), CUSTOMERS, &[source("c", &semicolons)], &options());
    let hint = error.unwrap_err().findings[0].hint.clone();
    assert_eq!(hint.as_deref(), Some("say delimiter = \";\" for the source"));
}

#[test]
fn codes_lookups_and_doubles_are_found() {
    let rows = "no,name,limit,class,first,last,phone,street,zip,city\n\
        ../x,a,,H,,,,,,\nC5,a,,H,,,,,,\nc5,b,,H,,,,,,\n";
    assert_eq!(
        faults(CUSTOMERS, &[source("c", rows)]),
        [
            "c.csv:2: \"../x\" cannot be a customer id",
            "c.csv:4: customer \"c5\" stands on line 3 too",
        ]
    );
    let strict = CUSTOMERS.replace(", default = \"other\"", "");
    let rows = CUSTOMER_ROWS.replace("C1,", "C7,");
    assert_eq!(
        faults(&strict, &[source("c", &rows)]),
        ["c.csv:3:class \"X\" is not in the look-up table"]
    );
    let wrong = CUSTOMERS.replace("H = \"hospital\"", "H = \"clinic\"");
    assert!(
        faults(&wrong, &[source("c", &rows)])[0].starts_with("c.csv:2:class \"clinic\" is none")
    );
}

#[test]
fn every_fault_of_a_mapping_is_found_with_its_place() {
    let mapping = "kind = \"order\"\nknwon_by = \"customer_po\"\n[[source]]\nname = \"orders\"\n\
        delimiter = \"ab\"\nencoding = \"klingon\"\n[[source]]\nname = \"orders\"\n[fields]\n\
        custmer = \"{a}\"\ndate = { value = \"{a\", date = \"%Y\", nmber = \"1\" }\n\
        [[fields.line]]\nrows = \"lnes\"\nproduct = \"{p}\"\n[fields.void]\nat = \"{d}\"\n";
    let error = Mapping::read("m.toml", mapping.as_bytes()).unwrap_err();
    let line = |finding: &Finding| match &finding.place.at {
        At::Span(span) => mapping[..span.start].matches('\n').count() + 1,
        _ => 0,
    };
    let found: Vec<(usize, &str)> =
        error.findings.iter().map(|finding| (line(finding), finding.message.as_str())).collect();
    for wanted in [
        (2, "unknown field `knwon_by`"),
        (5, "\"ab\" is not one plain character"),
        (6, "\"klingon\" is no encoding such as gbk or windows-1252"),
        (8, "two sources are called \"orders\""),
        (7, "a further source needs a key that leads from its rows to the first's"),
        (10, "unknown field `custmer` in [fields]"),
        (9, "`customer` is missing in [fields]"),
        (11, "a brace of \"{a\" stands alone"),
        (11, "\"%Y\" is no format of dates such as %d/%m/%Y"),
        (11, "unknown key `nmber` of a value"),
        (13, "there is no source \"lnes\""),
        (12, "`qty` is missing in [[line]]"),
        (15, "`by` is missing in [void]"),
    ] {
        assert!(found.contains(&wanted), "{wanted:?} in {found:#?}");
    }
}

#[test]
fn files_and_sources_have_to_fit() {
    let lines = source("lines", LINE_ROWS);
    assert_eq!(faults(ORDERS, &[lines]), ["no file was given for the sources: orders"]);
    let mut sources = orders(ORDER_ROWS, LINE_ROWS);
    sources.push(source("more", ""));
    assert_eq!(faults(ORDERS, &sources), ["m.toml has no source for: more.csv"]);
    let mut sources = orders(ORDER_ROWS, LINE_ROWS);
    sources.push(Source { file: "b/Lines.csv".into(), ..source("Lines", LINE_ROWS) });
    let why = "lines.csv and b/Lines.csv both stand for \"lines\"";
    assert_eq!(faults(ORDERS, &sources), [why]);
    let error = planned(&book(files(&[])), ORDERS, &sources, &options()).unwrap_err();
    assert_eq!(error.kind, crate::error::Kind::Usage);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>(), text in "[a-c,;\"'\r\n=1./晨\u{feff}]{0,80}") {
        let book = book(files(&[]));
        let head = "order,ordered,customer,status\n";
        for rows in [bytes, format!("{head}{text}").into_bytes()] {
            let mut sources = orders("", LINE_ROWS);
            sources[1].bytes = rows;
            if let Err(mut error) = planned(&book, ORDERS, &sources, &options()) {
                let mapping = Mapping::read("m.toml", ORDERS.as_bytes())?;
                locate::locate(&mapping, &sources, &mut error.findings);
            }
        }
    }

    #[test]
    fn no_mapping_makes_it_panic(cut in 0..ORDERS.len(), text in "[a-c{}\\[\\]=\"\n]{0,20}") {
        let mapping = format!("{}{text}{}", &ORDERS[..cut], &ORDERS[cut..]);
        let _ = Mapping::read("m.toml", mapping.as_bytes());
    }
}
