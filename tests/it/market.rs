//! Market notes and their brief; summaries of the week and who owes one.

use crate::desk::Desk;

#[test]
fn a_note_says_where_it_is_from_and_comes_into_the_brief_of_its_day() {
    let desk = Desk::example();
    desk.run("market add 降价").code(3).stderr_has("source");
    desk.run(
        "market add '竞品降到 110' --source 客户来电 --topic price --price 110 --district east",
    )
    .succeeds()
    .has("MK-2609-0007");
    desk.run("market add 白送 --source 客户 --price 0").code(3).stderr_has("market.price");
    let brief = desk.run("market brief -O csv").succeeds().column("id");
    assert_eq!(brief, ["MK-2609-0005", "MK-2609-0006", "MK-2609-0007"]);
    desk.run("market brief").succeeds().has("nothing from").has("north");
    desk.run("market brief --as-of 2026-09-22").succeeds().has("Nothing was heard 2026-09-22");
}

#[test]
fn prices_heard_are_told_by_brand_and_product() {
    let desk = Desk::example();
    let line = "report market --by brand,product brand:康测 -O csv";
    let rows = desk.run(line).succeeds().rows();
    let row = rows.first().expect("one brand and product");
    // 122 on 08-26, 118 on 09-03, 115 on 09-23.
    let told =
        ["notes", "lowest_price", "highest_price", "last_price"].map(|key| row[key].as_str());
    assert_eq!(told, ["3", "115.00", "122.00", "115.00"]);
    let line = "report market --as-of 2026-09-22 --by brand,product brand:康测 -O csv";
    assert_eq!(desk.run(line).succeeds().column("notes"), ["2"]);
}

#[test]
fn who_has_not_handed_in_is_listed_until_they_do() {
    let desk = Desk::example();
    let missing = || {
        let rows = desk.run("summary due -O csv").succeeds().rows();
        rows.into_iter().map(|row| (row["week"].clone(), row["staff"].clone())).collect::<Vec<_>>()
    };
    // The last working day of week 38 was Sunday the 20th; wu-tao left in June.
    assert_eq!(missing(), vec![("2026-W38".to_owned(), "zhao-lei".to_owned())]);
    let week = desk.run("summary due -p 2026-W38 -O csv").succeeds();
    assert_eq!(week.column("staff"), ["li-min", "sun-jie", "zhao-lei"]);
    assert_eq!(week.column("state"), ["handed in", "handed in", "late"]);
    let today = desk.run("today --for zhao-lei -O csv").succeeds().rows();
    let own = today.iter().find(|row| row["duty"] == "summary missing").expect("it waits");
    assert_eq!((own["about"].as_str(), own["due_on"].as_str()), ("2026-W38", "2026-09-20"));
    desk.run("DESK_USER=zhao-lei summary add 2026-W38").code(2).stderr_has("says nothing");
    desk.run("DESK_USER=zhao-lei summary add last-week --done 投标")
        .succeeds()
        .has("2026-W38 of zhao-lei");
    desk.run("DESK_USER=zhao-lei summary add last-week --done 再交").code(5);
    assert!(missing().is_empty());
    desk.run("summary add 2026-09 --done 月报").code(2).stderr_has("is no week");
    // Week 39 ends with the holidays, on Thursday the 24th.
    let due = desk.run("summary due -p this-week -O csv").succeeds();
    assert_eq!(due.column("due_on"), ["2026-09-24"; 3]);
    desk.run("check").succeeds().has("0 errors, 0 warnings");
}
