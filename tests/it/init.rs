//! `desk init`: an empty data directory, and the example company.

use snapbox::str;

use crate::desk::Desk;

#[test]
fn an_empty_data_directory_is_ready_to_use() {
    let desk = Desk::empty();
    desk.run("init --name 华东医疗").succeeds().quietly().stdout(str![[r#"
. is a data directory now
Next: desk -C . customer add CODE --name …

"#]]);
    crate::desk::same(
        "init",
        &desk.changes(&Default::default()),
        str![[r#"
.gitattributes
+*.toml text eol=lf
+*.csv text eol=lf
+/attachments/** -text
.gitignore
+/.desk/
+/private/
+.tmp-*
desk.toml
+[company]
+name = "华东医疗"
+time_zone = "Asia/Shanghai"
+
+[defaults]
+currency = "CNY"

"#]],
    );
    desk.run("check").succeeds().stdout("0 records checked: 0 errors, 0 warnings\n");
    desk.run("report sales").succeeds().has("No orders in this period.");
    desk.run("staff add li-min --name 李敏").succeeds();
    desk.run("customer add C1 --name 客户 --staff li-min").succeeds();
    desk.run("product add P1 --name 货 --unit pc --list-price 10 --tax-rate 0.13").succeeds();
    desk.run("order add C1 --line 'P1 x 3'").succeeds().has("SO-2609-0001  客户");
    desk.run("check").succeeds().has("4 records checked: 0 errors, 0 warnings");
}

#[test]
fn what_is_there_is_never_written_over() {
    let desk = Desk::empty();
    desk.run("init --demo new").succeeds();
    let before = desk.tree();
    desk.run("init --demo new").code(5).stderr_has("new is a data directory already");
    desk.run("init new --name x").code(5);
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn lines_for_git_join_what_is_there() {
    let desk = Desk::empty();
    desk.write(".gitignore", "*.o\r\n/private/\r\nlast");
    desk.write(".gitattributes", "*.png binary\n");
    desk.run("init --name x").succeeds();
    assert_eq!(desk.read(".gitignore"), "*.o\r\n/private/\r\nlast\r\n/.desk/\r\n.tmp-*\r\n");
    assert_eq!(
        desk.read(".gitattributes"),
        "*.png binary\n*.toml text eol=lf\n*.csv text eol=lf\n/attachments/** -text\n"
    );
    desk.run("check").succeeds();
    let other = Desk::empty();
    other.write(".gitignore", desk.read(".gitignore"));
    other.run("init --name x").succeeds();
    assert_eq!(other.read(".gitignore"), desk.read(".gitignore"));
}

#[test]
fn what_cannot_be_made_is_seen_before_anything_is_written() {
    let desk = Desk::empty();
    desk.write("customers/CX01.toml", "mine\n");
    let before = desk.tree();
    desk.run("init --demo")
        .code(5)
        .stderr_has("customers/CX01.toml is there already")
        .stderr_has("hint: desk init DIR");
    assert_eq!(desk.changes(&before), "");
    assert!(!desk.path(".desk").exists());
    std::fs::create_dir(desk.path(".gitignore")).expect("a free name");
    desk.run("init --name x").code(1).stderr_has("cannot read .gitignore");
    assert!(!desk.path(".desk").exists() && !desk.path("desk.toml").exists());
}

#[test]
fn the_example_is_the_one_of_the_project() {
    let desk = Desk::empty();
    desk.run("init --demo").succeeds();
    let mut made = desk.tree();
    assert!(made.remove(".gitignore").is_some() && made.remove(".gitattributes").is_some());
    assert!(made == Desk::example().tree(), "the program was built from another data-example");
    assert!(!desk.path(".desk/cache").exists(), "a cache came with it");
    desk.run("check").succeeds();
}

#[test]
fn what_makes_no_company_is_refused() {
    let desk = Desk::empty();
    desk.run("init").code(2).stderr_has("needs the name of its company");
    desk.run("init --name x --currency yuan").code(2).stderr_has("is not a currency code");
    desk.run("init --name x --time-zone Shanghai").code(2).stderr_has("is not a time zone");
    desk.run("init --name x --orders 5").code(2);
    assert_eq!(desk.changes(&Default::default()), "");
}

#[test]
fn made_up_orders_hold_together() {
    let desk = Desk::empty();
    desk.run("init --demo --orders 300").succeeds();
    desk.run("check").succeeds().has(" 0 errors");
    assert_eq!(desk.run("order list -O csv --cols id").succeeds().column("id").len(), 300);
}
