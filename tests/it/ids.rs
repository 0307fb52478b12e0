//! Ids by their ending, records by their names.

use crate::desk::Desk;

#[test]
fn any_unique_ending_of_an_id_will_do() {
    let desk = Desk::example();
    for (typed, id) in [
        ("SO-2609-0013", "SO-2609-0013"),
        ("2609-0013", "SO-2609-0013"),
        ("0017", "SO-2608-0017"),
        ("so-2609-0013", "SO-2609-0013"),
    ] {
        let shown = desk.run(&format!("order show {typed} -O json")).succeeds().json();
        assert_eq!(shown["record"]["id"], id, "{typed}");
    }
}

#[test]
fn masters_are_found_by_code_name_part_of_it_and_pinyin_initials() {
    let desk = Desk::example();
    for (noun, typed, code) in [
        ("customer", "CX01", "CX01"),
        ("customer", "cx01", "CX01"),
        ("customer", "晨星医药", "CX01"),
        ("customer", "晨星", "CX01"),
        ("customer", "cxyy", "CX01"),
        ("customer", "Sunrise", "CX03"),
        ("customer", "sunrise medical", "CX03"),
        ("product", "额温计", "A100"),
        ("staff", "李敏", "li-min"),
        ("staff", "wang", "wang"),
        ("supplier", "Nordic", "SU02"),
    ] {
        let shown = desk.run(&format!("{noun} show '{typed}' -O json")).succeeds().json();
        assert_eq!(shown["record"]["id"], code, "{typed}");
    }
}

#[test]
fn what_fits_several_is_refused_with_their_names() {
    let desk = Desk::example();
    desk.run("order show 0013")
        .code(2)
        .stdout("")
        .stderr_has("\"0013\" may be any of 7 order records: SO-2603-0013, SO-2604-0013");
    desk.run("customer show 医药").code(2).stdout("").stderr_has("customer records: CX01");
    desk.run("order add 医药 --line 'A100 x 1'").code(2).stderr_has("customer records: CX01");
}

#[test]
fn what_fits_none_is_refused_with_a_guess() {
    let desk = Desk::example();
    for (line, words) in [
        ("customer show CX91", "did you mean CX01?"),
        ("order show SO-2609-0041", "did you mean SO-2609-0001?"),
        ("product show A1O0", "did you mean A100?"),
        ("product show A10", "no product \"A10\""),
        ("staff show li-ming", "did you mean li-min?"),
        ("order show 7777", "no order \"7777\""),
        ("order show ../../etc/passwd", "no order \"../../etc/passwd\""),
        ("customer show ''", "no customer was named"),
    ] {
        desk.run(line).code(2).stdout("").stderr_has(words);
    }
}
