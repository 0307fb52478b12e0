//! `desk period close`: a closed month stays as it was, and any change of it is found.

use std::collections::BTreeMap;

use salesdesk::{
    book::Book, config::Config, finding::Level, rules, store::files::Files, value::day::Moment,
};

use crate::{desk::Desk, invoice::invoiced};

const ONE: &[(&str, &str, &str)] = &[("A100", "20", "A100 x 20 @ 128")];

/// The months of the example before September, closed.
fn closed_to_august() -> Desk {
    let desk = Desk::example();
    for month in 1..=8 {
        desk.run(&format!("period close 2026-{month:02}")).succeeds();
    }
    desk
}

#[test]
fn months_are_closed_in_their_order_once_they_are_over() {
    let desk = Desk::example();
    desk.run("period close 2026-02")
        .code(3)
        .stderr_has("2026-01 is not closed yet")
        .stderr_has("desk period close 2026-01");
    desk.run("period close 2026-01").succeeds().has("2026-01 closed: ");
    desk.run("period close 2026-01").code(2).stderr_has("2026-01 is closed already");
    desk.run("period close this-month").code(2).stderr_has("2026-09 is not over");
    desk.run("period close 2026").code(2).stderr_has("is no month");
    desk.run("period close 2026-02-01..2026-02-27").code(2).stderr_has("is no month");
    let listed = desk.run("period list -O csv").succeeds();
    assert_eq!(listed.column("state")[..3], ["closed", "open", "open"]);
    assert_eq!(listed.column("state").last().map(String::as_str), Some("not over"));
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_month_with_an_error_in_it_is_not_closed() {
    let desk = Desk::example();
    let text = desk.read("payments/2026-01.csv");
    desk.write("payments/2026-01.csv", text.replace(",CX", ",CZ"));
    let before = desk.tree();
    desk.run("period close 2026-01")
        .code(3)
        .stderr_has("2026-01 has errors in it; nothing was written")
        .stderr_has("ref.unknown");
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn a_closed_month_is_corrected_in_an_open_one() {
    let desk = closed_to_august();
    desk.run("payment add CX01 5 --date 2026-08-20")
        .code(3)
        .stderr_has("is of 2026-08-20, and 2026-08 is closed");
    desk.run("payment set PM-2608-0003 amount=1")
        .code(3)
        .stderr_has("error[closing.changed]: PM-2608-0003 was changed after 2026-08 was closed");
    desk.run("payment set PM-2608-0003 date=2026-09-02").code(3).stderr_has("closing.changed");
    desk.run("allocation void AL-2608-0001 --reason x").code(3).stderr_has("closing.changed");
    desk.run("payment set PM-2608-0003 remarks=已对账").succeeds();
    desk.run("payment unmatch AL-2608-0015 --reason 改付").succeeds().has("AL-2609-");
    desk.run("undo").succeeds();
    desk.run("undo 3").code(3).stderr_has("a closed month corrected in an open one");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
    for verb in ["add", "set", "void", "edit", "copy"] {
        desk.run(&format!("closing {verb} CL-2609-0001")).code(2);
    }
    desk.run("closing list month:2026-08").succeeds().has("PM-2608-0003");
}

#[test]
fn a_delivery_of_a_closed_month_may_still_arrive() {
    let desk = invoiced(ONE).with("DESK_TODAY", "2026-10-09");
    for month in 1..=9 {
        desk.run(&format!("period close 2026-{month:02}")).succeeds();
    }
    desk.run("ship set SH-2609-0091 received_on=2026-10-02 received_by=林晓 waybill=SF1")
        .succeeds();
    desk.run("ship set SH-2609-0091 shipped_on=2026-10-01").code(3).stderr_has("closing.changed");
    desk.run("ship set SH-2609-0091 line.1.qty=19").code(3).stderr_has("closing.changed");
    desk.run("invoice credit IN-2609-0001 --line 'A100 x 1' --reason 退货 --reopens-billing false")
        .succeeds();
    desk.run("invoice issue IN-2610-0001 --number N1 --on 2026-09-30")
        .code(3)
        .stderr_has("IN-2610-0001 is not issued on 2026-09-30: 2026-09 is closed");
    desk.run("invoice issue IN-2610-0001 --number N1").succeeds();
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_closing_that_is_taken_out_or_rewritten_is_missed() {
    let desk = closed_to_august();
    let text = desk.read("closings/2026-09.csv");
    let rows: Vec<&str> = text.lines().collect();
    let without = |at: usize| {
        let kept = rows.iter().enumerate().filter(|(row, _)| *row != at).map(|(_, row)| *row);
        kept.collect::<Vec<_>>().join("\n") + "\n"
    };
    desk.write("closings/2026-09.csv", without(5));
    desk.run("check").code(3).has("error[closing.chain]").has("comes behind no closing");
    desk.write("closings/2026-09.csv", without(rows.len() - 1));
    desk.run("check").code(3).has("error[closing.changed]").has("and 2026-08 is closed");
    desk.write("closings/2026-09.csv", text.replacen(",2026-01,", ",2026-02,", 1));
    desk.run("check").code(3).has("error[closing.changed]");
    let desk = invoiced(ONE);
    std::fs::remove_file(desk.path("closings/2026-09.csv")).expect("it is there");
    desk.run("check").code(3).has("IN-2609-0001 was issued, and no closing keeps it");
}

#[test]
fn a_business_month_is_closed_by_its_own_days() {
    let desk = Desk::of(&[
        ("customers/CX01.toml", "id = \"CX01\"\nname = \"A\"\n"),
        ("staff/li-min.toml", "id = \"li-min\"\nname = \"L\"\n"),
        (
            "payments/2026-08.csv",
            "id,date,party,direction,amount\nPM-2608-0001,2026-08-25,CX01,in,5\nPM-2608-0002,2026-08-26,CX01,in,7\n",
        ),
    ]);
    let text = desk.read("desk.toml");
    desk.write("desk.toml", format!("{text}month_closes_on = 25\n"));
    desk.run("period close 2026-08").succeeds().has("2026-08 closed: 1 record\n");
    desk.run("payment set PM-2608-0002 amount=8").succeeds();
    desk.run("payment set PM-2608-0001 amount=8").code(3).stderr_has("closing.changed");
    desk.run("DESK_TODAY=2026-12-01 period close 2026-09").succeeds().has("1 record");
    desk.run("DESK_TODAY=2026-12-01 period close 2026-10")
        .succeeds()
        .has("nothing was issued, moved or paid in it");
    desk.run("check").succeeds();
}

/// What check finds in files held in memory, by file.
fn wrong(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let now: Moment = "2026-10-09T12:00:00+08:00".parse().expect("a moment");
    let mut book = Book::new(Files::memory(files.clone()), Config::default(), Vec::new(), now);
    book.cache = false;
    let findings = rules::check(&book).into_iter().filter(|found| found.level == Level::Error);
    findings.map(|found| found.place.file).collect()
}

#[test]
fn every_flipped_bit_of_a_closed_record_is_found() {
    let desk = invoiced(ONE).with("DESK_TODAY", "2026-10-09");
    desk.run("DESK_TODAY=2026-09-24 payment add CX01 2000 --match IN-2609-0001 --method transfer")
        .succeeds();
    for month in 1..=9 {
        desk.run(&format!("period close 2026-{month:02}")).succeeds();
    }
    let mut files = desk.tree();
    // What has nothing to do with closed months only takes time.
    files.retain(|path, _| {
        [
            "desk.toml",
            "products/A100.toml",
            "customers/CX01.toml",
            "orders/2026-09/SO-2609-0001.toml",
        ]
        .contains(&path.as_str())
            || ["invoices/", "shipments/"].iter().any(|folder| path.starts_with(folder))
            || path == "staff/li-min.toml"
            || path == "closings/2026-09.csv"
    });
    let rows = |path: &str, ids: &[&str]| -> Vec<u8> {
        let text = desk.read(path);
        let kept = text
            .lines()
            .enumerate()
            .filter(|(at, row)| *at == 0 || ids.iter().any(|id| row.starts_with(id)));
        kept.map(|(_, row)| format!("{row}\n")).collect::<String>().into_bytes()
    };
    files.insert("payments/2026-09.csv".into(), rows("payments/2026-09.csv", &["PM-2609-0001"]));
    files.insert(
        "allocations/2026-09.csv".into(),
        rows("allocations/2026-09.csv", &["AL-2609-0001"]),
    );
    let closings = rows("closings/2026-09.csv", &[]);
    let of_months = desk.read("closings/2026-10.csv");
    let own = ["PM-2609-0001", "AL-2609-0001", "SH-2609-0091", "IN-2609-0001"];
    let chained = of_months.lines().filter(|row| own.iter().any(|id| row.contains(id)));
    let head = String::from_utf8_lossy(&closings).into_owned();
    files.insert(
        "closings/2026-10.csv".into(),
        (head + &chained.map(|row| format!("{row}\n")).collect::<String>()).into_bytes(),
    );
    let targets = [
        "payments/2026-09.csv",
        "allocations/2026-09.csv",
        "shipments/2026-09/SH-2609-0091.toml",
        "invoices/2026-09/IN-2609-0001.toml",
    ];
    let clean = wrong(&files);
    assert!(targets.iter().all(|path| !clean.iter().any(|file| file == path)), "{clean:?}");
    let mut seed = 0x2026_0923_u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below).expect("a size")).expect("a size")
    };
    for _ in 0..1000 {
        let path = targets[next(targets.len())];
        let mut changed = files.clone();
        let bytes = changed.get_mut(path).expect("it is there");
        let header = if path.ends_with(".csv") {
            bytes.iter().position(|byte| *byte == b'\n').expect("a header") + 1
        } else {
            0
        };
        let at = header + next(bytes.len() - header);
        bytes[at] ^= 1 << next(8);
        let found = wrong(&changed);
        let line = String::from_utf8_lossy(&changed[path]).into_owned();
        assert!(
            found.iter().any(|file| file == path || file.starts_with("closings/")),
            "{path} at {at}: {line}"
        );
        assert!(
            found.len() > clean.len() || found.iter().any(|file| file == path),
            "{path} at {at}: {line}"
        );
    }
}

#[test]
fn what_is_taken_out_of_a_closed_month_is_named_with_the_way_back() {
    let desk = closed_to_august();
    let text = desk.read("payments/2026-08.csv");
    let kept: Vec<&str> = text.lines().filter(|row| !row.starts_with("PM-2608-0003,")).collect();
    desk.write("payments/2026-08.csv", kept.join("\n") + "\n");
    std::fs::remove_file(desk.path("shipments/2026-08/SH-2608-0003.toml")).expect("it is there");
    desk.run("check")
        .code(3)
        .has("error[closing.changed]: PM-2608-0003 was taken out after 2026-08 was closed")
        .has("hint: git log -p -S PM-2608-0003 -- payments/2026-08.csv   (the bytes to put back)")
        .has("SH-2608-0003 was taken out after 2026-08 was closed")
        .has("hint: git log -p -S SH-2608-0003 -- shipments/2026-08/SH-2608-0003.toml ");
}

#[test]
fn a_shipment_of_a_closed_month_is_brought_back_from_it() {
    let desk = closed_to_august();
    desk.run("ship set SH-2608-0003 line.1.qty=1")
        .code(3)
        .stderr_has("hint: desk ship return --from SH-2608-0003 --condition … --reason … ");
}
