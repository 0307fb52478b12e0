//! `desk customer`, `product`, `supplier`, `staff`: added, set, copied, with attachments and
//! confidential fields.

use snapbox::str;

use crate::desk::Desk;

#[test]
fn a_master_is_added_by_its_code() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run(
        "customer add X2 --name 新客户 --person name=张三,phone=000-0000-2001 --person name=李四 \
         --credit-limit 1000 --staff 李敏 --district east --invoicing title=新客户有限公司,tax_id=91",
    )
    .succeeds()
    .stdout(str![[r#"
X2  新客户  added
Next: desk customer show X2

"#]]);
    crate::desk::same(
        "add",
        &desk.changes(&before),
        str![[r#"
customers/X2.toml
+id = "X2"
+name = "新客户"
+credit_limit = "1000"
+staff = "li-min"
+district = "east"
+
+[[person]]
+name = "张三"
+phone = "000-0000-2001"
+
+[[person]]
+name = "李四"
+
+[invoicing]
+title = "新客户有限公司"
+tax_id = "91"

"#]],
    );
    desk.run("customer add X2 --name 再来").code(5).stderr(str![[r#"
error: customer X2 is there already
hint: desk customer show X2

"#]]);
    desk.run("customer add x2 --name 再来").code(5);
    desk.run("check").succeeds().has("894 records checked: 0 errors, 0 warnings");
}

#[test]
fn a_code_that_cannot_be_a_file_is_refused() {
    let desk = Desk::example();
    let before = desk.tree();
    for code in ["../x", "a/b", ".git", "CON", "a b", "x.", "名字", "-x"] {
        let ran = desk.run(&format!("customer add --name x -- '{code}'"));
        assert!(ran.exit() == 2 || ran.exit() == 3, "{code}: {ran}");
    }
    desk.run("customer add --name x").code(2).stderr_has("a new customer needs a code");
    desk.run("customer add X9").code(3).stderr_has("error[field.missing]");
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn set_leaves_every_other_byte_alone() {
    let desk = Desk::example();
    let file = "customers/CX01.toml";
    let text = desk.read(file).replace(
        "credit_limit = \"50000\"\n",
        "credit_limit   =  '50000'   # since 2024\n\n# agreed by huang\n",
    );
    // A paper that nobody verified yet: of another one the scopes cannot change.
    let verified = "verified_by = \"chen-yan\"\nverified_on = 2026-01-12\n";
    let text = text.replacen(verified, "", 1);
    desk.write(file, &text);
    for (line, from, to) in [
        (
            "--credit-limit 80000",
            "credit_limit   =  '50000'   #",
            "credit_limit   =  \"80000\"   #",
        ),
        ("credit_days=45", "credit_days = 30\n", "credit_days = 45\n"),
        ("person.2.phone=000-1", "phone = \"000-0000-1002\"", "phone = \"000-1\""),
        (
            "licence.1.scopes=device_2",
            "scopes = [\"device_2\", \"device_3\", \"ivd\"]",
            "scopes = [\"device_2\"]",
        ),
        ("invoicing.bank=另一银行", "bank = \"示例银行上海分行\"", "bank = \"另一银行\""),
        ("--clear source", "source = \"trade fair 2021\"\n", ""),
        ("--clear person.3.email", "email = \"xu.jing@example.com\"\n", ""),
    ] {
        let before = desk.read(file);
        assert_eq!(before.matches(from).count(), 1, "{from}");
        desk.run(&format!("customer set CX01 {line}")).succeeds();
        assert_eq!(desk.read(file), before.replace(from, to), "{line}");
    }
}

#[test]
fn set_adds_blocks_and_fields_where_they_belong() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run(
        "customer set CX14 --person name=新人,phone=000-2 --credit-days 15 invoicing.title=鹿城",
    )
    .succeeds()
    .stdout(str![[r#"
CX14  credit_days = 15, person = name=新人,phone=000-2, invoicing.title = 鹿城

"#]]);
    crate::desk::same(
        "set",
        &desk.changes(&before),
        str![[r#"
customers/CX14.toml
+credit_days = 15
+[[person]]
+name = "新人"
+phone = "000-2"
+
+
+[invoicing]
+title = "鹿城"

"#]],
    );
}

#[test]
fn line_ends_marks_and_missing_newlines_survive_an_edit() {
    let desk = Desk::example();
    let file = "customers/CX14.toml";
    let text = format!("\u{feff}{}", desk.read(file).replace('\n', "\r\n").trim_end());
    desk.write(file, &text);
    desk.run("customer set CX14 --grade B").succeeds();
    assert_eq!(desk.read(file), text.replace("grade = \"C\"", "grade = \"B\""));
}

#[test]
fn what_cannot_be_set_is_refused() {
    let desk = Desk::example();
    let before = desk.tree();
    for (line, code, words) in [
        ("customer set CX01", 2, "nothing to set on CX01"),
        ("customer set CX01 grade", 2, "\"grade\" is not KEY=VALUE"),
        ("customer set CX01 grad=A", 2, "did you mean grade?"),
        ("customer set CX01 grade=D", 2, "grade takes A, B, C"),
        ("customer set CX01 credit_limit=1e5", 2, "1e5"),
        ("customer set CX01 id=CX99", 2, "id is written by the program"),
        ("customer set CX01 void.reason=x", 2, "void is written by the program"),
        ("customer set CX01 person.9.phone=1", 2, "person"),
        ("customer set CX01 staff=nobody", 2, "nobody"),
        ("customer set CX99 grade=A", 2, "no customer \"CX99\""),
        ("customer set CX01 --clear name", 3, "error[field.missing]"),
    ] {
        desk.run(line).code(code).stdout("").stderr_has(words);
    }
    assert_eq!(desk.changes(&before), "");
}

#[test]
fn confidential_fields_go_to_the_private_folder() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("product add Q1 --name 试剂 --unit pc --list-price 20 --cost 12.50 --min-price 15")
        .succeeds();
    desk.run("product set A100 --cost 75.00").succeeds();
    desk.run("staff set li-min pay.base=9000").succeeds();
    crate::desk::same(
        "confidential",
        &desk.changes(&before),
        str![[r#"
private/products/A100.toml
-cost = "74.00"
+cost = "75.00"
private/products/Q1.toml
+id = "Q1"
+min_price = "15"
+cost = "12.50"
private/staff/li-min.toml
-base = "6500.00"
+base = "9000"
products/Q1.toml
+id = "Q1"
+name = "试剂"
+unit = "pc"
+list_price = "20"

"#]],
    );
    desk.run("product show Q1 -O json").succeeds().has("\"cost\": \"12.50\"");
    desk.run("product set Q1 --clear cost").succeeds();
    assert_eq!(desk.read("private/products/Q1.toml"), "id = \"Q1\"\nmin_price = \"15\"\n");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn a_copy_has_a_code_of_its_own() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("product copy A100 A200 --name 新款额温计 --list-price 138.00").succeeds().stdout(
        str![[r#"
A200  copied from A100
Next: desk product show A200

"#]],
    );
    crate::desk::same(
        "copy",
        &desk.changes(&before),
        str![[r#"
private/products/A200.toml
+id = "A200"
+min_price = "102.40"
+cost = "74.00"
products/A200.toml
+id = "A200"
+name = "新款额温计"
+spec = "IR-200"
+unit = "pc"
+category = "diagnostics"
+goods = "product"
+brand = "精衡"
+list_price = "138.00"
+tax_rate = "0.13"
+batch_tracked = false
+required_licence = "device_2"
+reorder_level = 120
+commission_class = "key"
+active = true
+
+[[packing]]
+unit = "box"
+factor = 10

"#]],
    );
    desk.run("product copy A100 C1").code(5).stderr_has("product C1 is there already");
}

#[test]
fn files_are_attached_once() {
    let desk = Desk::example();
    desk.write("../scan.pdf", "%PDF-1.4 scan");
    let before = desk.tree();
    desk.run("customer attach CX01 ../scan.pdf").succeeds().stdout(str![[r#"
CX01  attachments/CX01/scan.pdf attached

"#]]);
    crate::desk::same(
        "attach",
        &desk.changes(&before),
        str![[r#"
attachments/CX01/scan.pdf
+%PDF-1.4 scan
customers/CX01.toml
+attachments = ["attachments/CX01/scan.pdf"]

"#]],
    );
    desk.run("customer attach CX01 ../scan.pdf")
        .code(5)
        .stderr_has("CX01 has an attachment scan.pdf already");
    desk.run("customer attach CX01 ../none.pdf").code(1).stderr_has("cannot read ../none.pdf");
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}

#[test]
fn what_others_point_at_is_not_void() {
    let desk = Desk::example();
    let before = desk.tree();
    desk.run("customer void CX16 --reason 已注销").succeeds();
    desk.run("customer void CX17 --reason x").code(3).stderr_has("error[ref.void]: CX17 is void");
    desk.run("order add CX16 --line 'A100 x 1'").code(3).stderr_has("error[ref.void]");
    crate::desk::same(
        "void",
        &desk.changes(&before),
        str![[r#"
customers/CX16.toml
+
+[void]
+at = 2026-09-23T12:00:00+08:00
+by = "li-min"
+reason = "已注销"

"#]],
    );
}

#[test]
fn an_editor_leaves_a_text_that_is_checked_before_it_is_kept() {
    let desk = Desk::example().with("EDITOR", "sed -i s/grade/grad/");
    let before = desk.tree();
    desk.run("customer edit CX01")
        .code(3)
        .stderr_has("error[field.unknown]")
        .stderr_has("your text is kept in");
    assert_eq!(desk.changes(&before), "");
    let desk = desk.with("EDITOR", "sed -i s/\"A\"/\"B\"/");
    desk.run("customer edit CX01").succeeds().stdout("CX01 edited\n");
    crate::desk::same(
        "edit",
        &desk.changes(&before),
        str![[r#"
customers/CX01.toml
-grade = "A"
+grade = "B"

"#]],
    );
    desk.run("EDITOR=true customer edit CX01").succeeds().stdout("CX01 unchanged\n");
    desk.run("EDITOR=false customer edit CX01").code(1).stderr_has("nothing was written");
    desk.run("EDITOR= customer edit CX01").code(2).stderr_has("no editor is set");
}
