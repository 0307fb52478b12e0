//! `desk order void`: what no longer holds counts for nothing, and stays as it is.

use snapbox::str;

use crate::desk::Desk;

#[test]
fn a_void_order_counts_no_more_and_stays_as_it_is() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("order void SO-2609-0013 --reason 客户取消")
        .succeeds()
        .stdout("SO-2609-0013 is void: 客户取消\n");
    crate::desk::same(
        "void",
        &desk.changes(&before),
        str![[r#"
orders/2026-09/SO-2609-0013.toml
+
+[void]
+at = 2026-09-23T12:00:00+08:00
+by = "li-min"
+reason = "客户取消"

"#]],
    );
    let void = desk.tree();
    desk.run("order void SO-2609-0013 --reason 再次").code(3).stderr(str![[r#"
error: SO-2609-0013 is void since 2026-09-23: 客户取消
hint: desk order copy SO-2609-0013

"#]]);
    for line in [
        "order set SO-2609-0013 --remarks x",
        "order hold SO-2609-0013 --reason x",
        "order close SO-2609-0013 --reason x",
        "order revise SO-2609-0013 --line '1 qty=5' --reason x",
        "DESK_USER=wang order review SO-2609-0013",
    ] {
        desk.run(line).code(3).stderr_has("SO-2609-0013 is void since 2026-09-23: 客户取消");
    }
    assert_eq!(desk.changes(&void), "");
    desk.run("report sales customer:CX07 -p 2026-09 --fail-empty").code(6);
    desk.run("report sales customer:CX07 -p 2026-09 --include-void -O csv --cols gross")
        .succeeds()
        .stdout("gross\n19632.00\n");
    desk.run("order list id:SO-2609-0013 --fail-empty").code(6);
    desk.run("order list id:SO-2609-0013 --include-void --cols stage -O csv")
        .stdout("stage\nvoid\n");
}

#[test]
fn void_needs_a_reason() {
    let desk = Desk::example();
    desk.run("order void SO-2609-0013").code(2).stderr_has("--reason <TEXT>");
    desk.run("order void SO-2609-0013 --reason ''").code(2).stderr_has("a reason is needed");
}

#[test]
fn several_orders_are_void_at_once_or_not_at_all() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("order void SO-2609-0013 SO-2609-9999 --reason x").code(2);
    desk.run("order void SO-2609-0013 SO-2608-0012 --reason x").code(3);
    assert_eq!(desk.changes(&before), "");
    desk.run("order void SO-2609-0013 SO-2609-0012 --reason x").succeeds().stdout(str![[r#"
SO-2609-0013 is void: x
SO-2609-0012 is void: x

"#]]);
}

#[test]
fn what_an_unreadable_row_or_file_names_is_not_void() {
    let desk = Desk::example();
    let void = "order void SO-2609-0013 --reason x";
    let path = "allocations/2026-09.csv";
    let whole = desk.read(path);
    let row = "AL-2609-0017,2026-09-22,PM-2609-0004,SO-2609-0013,,many,,,,,,,,,,\n";
    desk.write(path, format!("{whole}{row}"));
    let line = whole.lines().count() + 1;
    desk.run(void)
        .code(3)
        .stderr_has(&format!(
            "cannot void SO-2609-0013: {path}, line {line} names it and cannot be read"
        ))
        .stderr_has(&format!("hint: desk check {path}"));
    // A word that only begins like the id is another one.
    desk.write(path, format!("{whole}{}", row.replace("SO-2609-0013", "SO-2609-00131")));
    desk.run(&format!("{void} -n")).succeeds();
    desk.write(path, &whole);
    // A contract that an order names which is no TOML.
    let order = "orders/2026-09/SO-2609-0013.toml";
    let contract = "contract void CT-2609-0003 --reason x";
    desk.write(order, "contract = \"CT-2609-0003\"\nid = \n");
    desk.run(contract)
        .code(3)
        .stderr_has(&format!("cannot void CT-2609-0003: {order} names it and cannot be read"));
    desk.write(order, "id = \n");
    desk.run(contract).code(0);
}
